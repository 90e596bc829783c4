package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/robfig/cron/v3"
)

// schedule starts the jobs: one line each. A tick that finds the former one still running is skipped; several processes share the
// work through leases.
func (p *program) schedule(ctx context.Context) error {
	p.jobs = cron.New(cron.WithLocation(p.cfg.ShopTimezone), cron.WithLogger(cronLog{p.c.log}),
		cron.WithChain(cron.SkipIfStillRunning(cronLog{p.c.log})))
	var wrong []error
	add := func(name, spec string, duty func(context.Context) error) {
		_, err := p.jobs.AddFunc(spec, func() { p.do(ctx, name, duty) })
		wrong = append(wrong, err)
	}
	add("poll", p.cfg.PollSchedule, p.shop.Poll)
	add("sweep", "@every 1s", p.shop.Sweep)
	add("notary", "@every 1s", p.shop.Notarize)
	add("retention", "@every 1m", p.shop.Retain)
	add("catalog", "@every 1m", p.shop.RefreshCatalog)
	add("watch", "@every 1m", p.watch)
	if err := errors.Join(wrong...); err != nil {
		return fmt.Errorf("schedule jobs: %w", err)
	}
	// What a tick would do only later: overdue removals first, then the record, then the rest.
	p.do(ctx, "sweep", p.shop.Sweep)
	p.do(ctx, "notary", p.shop.Notarize)
	p.do(ctx, "poll", p.shop.Poll)
	go p.do(ctx, "catalog", p.shop.RefreshCatalog)
	p.jobs.Start()
	return nil
}

// do runs one duty; an error is logged and a panic ends this tick only. The value of a panic is not logged: it may be anything.
func (p *program) do(ctx context.Context, name string, duty func(context.Context) error) {
	defer func() {
		if v := recover(); v != nil {
			p.c.log.ErrorContext(ctx, "panic", "job", name, "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		}
	}()
	if err := duty(ctx); err != nil && ctx.Err() == nil {
		p.c.log.WarnContext(ctx, "job failed, the next tick tries again", "job", name, "err", err)
	}
}

// cronLog lets the scheduler speak through our log.
type cronLog struct{ log *slog.Logger }

// Info is the scheduler's chatter.
func (c cronLog) Info(msg string, keysAndValues ...any) { c.log.Debug("cron: "+msg, keysAndValues...) }

// Error is the scheduler's trouble.
func (c cronLog) Error(err error, msg string, keysAndValues ...any) {
	c.log.Error("cron: "+msg, append(keysAndValues, "err", err)...)
}
