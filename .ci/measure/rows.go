package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// part measures some rows.
type part struct {
	name string
	run  func(context.Context) ([]row, error)
}

// parts are all, in the order of the table.
func (b *bench) parts() []part {
	full, taps := span{rounds: 3, warm: 50, count: 150}, span{rounds: 5, warm: 150, count: 800}
	if b.short {
		full, taps = span{rounds: 1, warm: 10, count: 40}, span{rounds: 2, warm: 100, count: 150}
	}
	both := func(webhook bool) func(context.Context) ([]row, error) {
		return func(ctx context.Context) ([]row, error) {
			full := full
			if webhook && b.short { // the notices bound it, and they do not know how updates come
				full.rounds = 0
			}
			return b.talks(ctx, webhook, full, taps)
		}
	}
	sales, orders, customers, starts := 5, 2000, 15, 9
	if b.short {
		sales, orders, customers, starts = 3, 400, 9, 3
	}
	return []part{
		{"polling", both(false)},
		{"webhook", both(true)},
		{"trips", func(ctx context.Context) ([]row, error) { return b.roundTrips(ctx, customers) }},
		{"sales", func(ctx context.Context) ([]row, error) { return b.sales(ctx, sales, orders) }},
		{"startup", func(ctx context.Context) ([]row, error) { return b.startup(ctx, starts, 2*time.Second) }},
	}
}

// rows measures the parts named, or all.
func (b *bench) rows(ctx context.Context, only string) ([]row, error) {
	var rows []row
	for _, p := range b.parts() {
		if only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
			continue
		}
		more, err := p.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		rows = append(rows, more...)
		b.tell(p.name)
	}
	return rows, nil
}
