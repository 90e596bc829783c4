package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"cardrop/bot/telegram"
	"cardrop/bot/web"
	"cardrop/flows/checkout"
)

// alarmKinds are all that the operators may be told of, as they are counted; a test compares the list with the code.
func alarmKinds() []string {
	return []string{"backup_failed", "backup_works_again", "buying_stopped", "card_key_missing", "card_key_retired", "card_never_opened",
		"card_tampered", "code_not_removed", "code_unreachable", "foreign_orders", "group_moved_twice", "handle_taken", "house_stock", "many_bad_cards", "many_receipts", "many_reports", "many_tokens", "move_stopped", "move_tries", "move_waits",
		"needs_person", "payment_differs", "payment_page", "record_altered", "redis", "repeated_code", "review", "sale_found", "sold_at_loss", "stars_back", "stars_gone", "supplier_failing", "supplier_paused_blocked",
		"supplier_paused_no_funds", "supplier_paused_unverified", "supplier_rejects_questions", "supplier_well", "ticket_waits", "topup_waits", "turned_up"}
}

// measure makes the program's figures: their labels are what the settings name and the code knows, and nothing else.
func (p *program) measure() {
	currencies := append(slices.Collect(maps.Keys(p.cfg.Rates)), p.cfg.ShopCurrency)
	p.metrics = web.NewMetrics(web.Labels{
		Suppliers: supplierNames(), Calls: checkout.CallKinds(), Outcomes: checkout.CallOutcomes(), States: checkout.FinalStates(),
		Updates: telegram.UpdateKinds(), Fates: telegram.UpdateFates(), Queues: queueNames(), Alarms: alarmKinds(), Money: currencies,
	}, p.figures)
}

// figures reads what the metrics tell of the present moment.
func (p *program) figures(ctx context.Context) (web.Figures, error) {
	queues, open, doubt, err := p.store.Queues(ctx)
	if err != nil {
		return web.Figures{}, err
	}
	paused, err := p.store.Paused(ctx)
	if err != nil {
		return web.Figures{}, err
	}
	f := web.Figures{Open: open, Doubt: doubt, Paused: slices.Sorted(maps.Keys(paused))}
	for _, q := range queues {
		f.Queues = append(f.Queues, web.Queue{Name: string(q.Kind), Count: q.Count, Late: q.Late})
	}
	return f, nil
}

// listenMetrics takes the address for metrics, unless they are off.
func (p *program) listenMetrics(ctx context.Context) error {
	if p.cfg.MetricsAddr == metricsOff {
		return nil
	}
	var err error
	if p.private, err = web.ListenMetrics(ctx, p.cfg.MetricsAddr, p.metrics, p.c.log); err != nil {
		return fmt.Errorf("METRICS_ADDR: %w", err)
	}
	return nil
}
