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
// work through leases. Reading a catalog or a snapshot may take minutes and stops with ctx; everything else goes on until work ends.
func (p *program) schedule(ctx, work context.Context) error {
	p.jobs = cron.New(cron.WithLocation(p.cfg.ShopTimezone), cron.WithLogger(cronLog{p.c.log}))
	once := cron.NewChain(cron.SkipIfStillRunning(cronLog{p.c.log}))
	var wrong []error
	add := func(name, spec string, duty func(context.Context) error) {
		until := work
		if name == "catalog" || name == "backup" {
			until = ctx
		}
		_, err := p.jobs.AddJob(spec, once.Then(cron.FuncJob(func() { p.do(until, name, duty) })))
		wrong = append(wrong, err)
	}
	add("poll", p.cfg.PollSchedule, p.shop.Poll)
	_, err := p.jobs.AddFunc("@every 1s", func() { p.sweep(work) })
	wrong = append(wrong, err)
	add("notary", "@every 1s", p.shop.Notarize)
	add("retention", "@every 1m", p.shop.Retain)
	add("rotation", "@every 1s", p.shop.Rotate)
	add("times", "@every 15s", p.shop.MindTimes)
	add("payments", "@every 1s", p.shop.MindPayments)
	add("approvals", "@every 2s", p.desk.MindApprovals)
	add("return Stars", "@every 1s", p.shop.ReturnStars)
	add("match Stars", "@every 5m", p.shop.MatchStars)
	add("look back", "@every 1m", p.shop.Lookback)
	add("catalog", "@every 1m", p.shop.RefreshCatalog)
	add("backup", "@every 1m", p.backups)
	add("watch", "@every 1m", p.watch)
	add("checkpoint", "@every 5m", p.checkpoint)
	add("archive", "@every 1m", p.shop.Archive)
	add("closure", "@every 5s", p.shop.EndClosure)
	add("books", "@every 1m", p.shop.BalanceBooks)
	add("digest", "@every 1m", p.digest)
	add("suppliers", "@every 30s", p.shop.MindSuppliers)
	add("vigil", "@every 1s", p.shop.Vigil)
	add("compare", "@every 1s", p.shop.Compare)
	add("rehearse", "@every 1s", p.rehearse)
	if err := errors.Join(wrong...); err != nil {
		return fmt.Errorf("schedule jobs: %w", err)
	}
	// What a tick would do only later: overdue removals first, then the record, then the rest.
	p.sweep(work)
	p.do(work, "notary", p.shop.Notarize)
	go p.do(work, "vigil", p.shop.Vigil) // what Redis may have lost is compared before it is bought, and suppliers may be slow
	p.do(work, "poll", p.shop.Poll)
	go p.do(ctx, "catalog", p.shop.RefreshCatalog)
	go p.do(ctx, "match Stars", p.shop.MatchStars) // what was paid while nobody was here
	go func() {                                    // one behind the other: the record is left alone while a backup is made
		p.do(work, "checkpoint", p.checkpoint)
		p.do(ctx, "backup", p.backups)
		p.do(work, "archive", p.shop.Archive)
	}()
	p.jobs.Start()
	return nil
}

// sweep removes what is due. Sweeps may overlap, a few at most: they take different messages, and one that hangs on a dead connection
// holds up no other.
func (p *program) sweep(ctx context.Context) {
	select {
	case p.sweeping <- struct{}{}:
		defer func() { <-p.sweeping }()
		p.do(ctx, "sweep", p.shop.Sweep)
	default:
	}
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

// relay passes the shop's nudges on, so that neither news nor removals wait for a tick.
func (p *program) relay(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.shop.News():
			p.bot.Nudge()
		case <-p.shop.Sweeps():
			go p.sweep(ctx)
		}
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
