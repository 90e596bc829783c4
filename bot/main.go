// Command bot is Cardrop: a Telegram shop for prepaid codes.
//
// Without a verb it runs the shop from its settings. `demo` shows the whole shop on one machine, `keygen` prints a key,
// `healthcheck` asks a running shop whether it lives.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// start runs one verb.
func start(ctx context.Context, args []string, out, errs io.Writer) error {
	harden()
	verb := "run"
	if len(args) > 0 {
		verb, args = args[0], args[1:]
	}
	switch verb {
	case "run":
		return runShop(ctx, errs)
	case "demo":
		return runDemo(ctx, args, out, errs)
	case "keygen":
		return keygen(out, errs)
	case "healthcheck":
		return healthcheck(ctx, os.Getenv("LISTEN_ADDR"))
	default:
		return fmt.Errorf("unknown verb %q; there are run (the default), demo, keygen and healthcheck", verb)
	}
}

// runShop is the shop as an operator runs it.
func runShop(ctx context.Context, errs io.Writer) error {
	cfg, err := loadSettings(envFile, os.Environ())
	if err != nil {
		return err
	}
	p, err := build(ctx, cfg, conditions{log: newLogger(errs, slog.LevelInfo, cfg.secrets()...)})
	if err != nil {
		return err
	}
	return errors.Join(p.Run(ctx), p.Close())
}

// welcome is what the demo's customers find in their wallets, in minor units.
const welcome = 50_000_00

// runDemo is the whole shop on one machine: the world outside of it, and the shop itself.
func runDemo(ctx context.Context, args []string, out, errs io.Writer) error {
	o := demo.WorldOptions{Addr: "127.0.0.1:8686", Redis: true, Logger: slog.New(slog.DiscardHandler)}
	if len(args) > 0 {
		o.Addr = args[0]
	}
	world, err := demo.Open(ctx, o)
	if err != nil {
		return err
	}
	around, stop := context.WithCancel(context.WithoutCancel(ctx)) // the world outlives the shop, so that its last replies arrive
	defer stop()
	served := make(chan error, 1)
	go func() { served <- world.Serve(around) }()

	cfg, err := LoadConfig(world.Settings())
	if err != nil {
		return err
	}
	cfg.ListenAddr = "127.0.0.1:0" // nobody outside asks the demo for its health
	log := newLogger(errs, slog.LevelWarn, cfg.secrets()...)
	p, err := build(ctx, cfg, conditions{log: log, offset: world.Offset, pace: 200 * time.Millisecond})
	if err != nil {
		return err
	}
	for _, someone := range demo.DefaultCast(demo.DemoAdmin) {
		if someone.ID == demo.DemoAdmin {
			continue
		}
		_, _, err := p.shop.Credit(ctx, checkout.CreditRequest{Admin: demo.DemoAdmin, User: someone.ID, Amount: welcome,
			Note: "welcome to the demo", Ref: fmt.Sprintf("welcome-%d", someone.ID)})
		if err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(out, "Cardrop's demo shop is open: %s\n", world.URL())
	err = errors.Join(p.Run(ctx), p.Close())
	stop()
	return errors.Join(err, <-served)
}
