package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"cardrop/bot/demo"
)

// span is how many talks are counted, behind how many, and how often.
type span struct {
	rounds, warm, count int
}

// people is how many a round takes.
func (s span) people() int { return s.warm + s.count + present }

// talks measures updates a second and processor time for each against the bare echo, by turns: of the full purchase talk, and of its taps
// up to Confirm, for which nobody has to wait for a notice.
func (b *bench) talks(ctx context.Context, webhook bool, full, taps span) (rows []row, err error) {
	how := "polling"
	if webhook {
		how = "webhook"
	}
	shop, err := openShop(ctx, b.binary, b.dir, how, b.redis.url, webhook)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, shop.close()) }()
	peer, err := b.openEcho(ctx, webhook)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, peer.close()) }()
	all := purchase()
	if full.rounds > 0 {
		speed, cpu, err := compare(ctx, shop, peer, all, full)
		if err != nil {
			return nil, err
		}
		speed.what, cpu.what = "purchase talk, "+how, "its processor time, "+how
		speed.note += ". A card is offered by notices, which the shop paces at 30 messages a second as Telegram wants it: that bounds whole talks on any machine"
		rows = append(rows, speed, cpu)
	}
	quick, cost, err := compare(ctx, shop, peer, all[:confirmed], taps)
	if err != nil {
		return nil, err
	}
	quick.what, cost.what = "taps up to Confirm, "+how, "their processor time, "+how
	return append(rows, quick, cost), nil
}

// compare lets the same steps be done with both, round by round.
func compare(ctx context.Context, shop *shop, peer *peer, steps []tap, s span) (speed, cpu row, err error) {
	speed = row{unit: "updates/s", against: "bare echo", sense: atLeast, target: 2}
	cpu = row{unit: "µs/update", against: "bare echo", sense: atMost, target: 0.5}
	var driver []float64
	lost := int64(0)
	for range s.rounds {
		theirs, err := peer.round(ctx, steps, s)
		if err != nil {
			return speed, cpu, fmt.Errorf("echo: %w\n%s", err, peer.run.log)
		}
		ours, err := shop.round(ctx, steps, s)
		if err != nil {
			return speed, cpu, fmt.Errorf("shop: %w\n%s", err, shop.run.log)
		}
		speed.rounds = append(speed.rounds, pair{ours.perSecond(), theirs.perSecond()})
		cpu.rounds = append(cpu.rounds, pair{ours.micros(), theirs.micros()})
		driver = append(driver, float64(ours.driver.Microseconds())/float64(ours.updates), float64(theirs.driver.Microseconds())/float64(theirs.updates))
		lost += ours.lost
	}
	speed.note = fmt.Sprintf("emulator, simulators and people cost %.0f µs of processor time for each of the shop's updates, %.0f µs for each of the echo's, on the same cores; %d talks got stuck",
		median(odd(driver, 0)), median(odd(driver, 1)), lost)
	return speed, cpu, nil
}

// odd is every second number, from the first or the second on.
func odd(list []float64, from int) []float64 {
	var half []float64
	for i := from; i < len(list); i += 2 {
		half = append(half, list[i])
	}
	return half
}

// round has new customers buy.
func (s *shop) round(ctx context.Context, steps []tap, span span) (load, error) {
	people, err := s.customers(ctx, span.people())
	if err != nil {
		return load{}, err
	}
	c := newCrowd(s.world.Telegram, steps)
	return c.talk(ctx, people, span.warm, span.count, s.run, c.buys)
}

// peer is the bare echo with a Telegram of its own.
type peer struct {
	world *demo.World
	run   *child
	next  int64
	ended chan error
	end   context.CancelFunc
}

func (b *bench) openEcho(ctx context.Context, webhook bool) (*peer, error) {
	world, err := demo.Open(ctx, demo.WorldOptions{Logger: slog.New(slog.DiscardHandler), Only: demo.OnlyTelegram})
	if err != nil {
		return nil, fmt.Errorf("open world: %w", err)
	}
	world.Telegram.SetFloodControl(false)
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	at := ""
	if webhook {
		if at, err = berth(ctx); err != nil {
			return nil, err
		}
	}
	living, end := context.WithCancel(ctx)
	p := &peer{world: world, next: 5_000_000, ended: make(chan error, 1), end: end}
	go func() { p.ended <- world.Serve(living) }()
	settings := world.Settings()
	p.run, err = startChild(ctx, b.dir, map[string]string{"ECHO_TOKEN": settings["TELEGRAM_BOT_TOKEN"]}, self,
		"-role", "echo", "-api", settings["TELEGRAM_API_URL"], "-addr", at)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// round has new people talk with the echo.
func (p *peer) round(ctx context.Context, steps []tap, s span) (load, error) {
	people := make([]int64, s.people())
	for i := range people {
		people[i] = p.next
		p.next++
		p.world.Telegram.NewUser(people[i], "Customer", "en")
	}
	c := newCrowd(p.world.Telegram, steps)
	return c.talk(ctx, people, s.warm, s.count, p.run, c.echoes)
}

// close ends the echo and its Telegram.
func (p *peer) close() error {
	if p.run != nil {
		p.run.stop()
	}
	p.end()
	return <-p.ended
}
