// Command bot is Cardrop: a Telegram shop for prepaid codes.
//
// Without a verb it runs the shop from its settings. `demo` shows the whole shop on one machine (`demo telegram` and `demo suppliers` run
// one simulator), `keygen` prints a key, `backup` and `restore` keep and put back everything, `audit-verify` checks an exported record,
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
	"slices"
	"syscall"
	"time"

	"cardrop/bot/demo"
	"cardrop/bot/failpoint"
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
		return keygen(args, out, errs)
	case "backup":
		return makeBackup(ctx, out, errs)
	case "restore":
		return restore(ctx, args, out, errs)
	case "audit-verify":
		return auditVerify(args, out)
	case "accept-history":
		return acceptHistory(ctx, os.Stdin, out, errs)
	case "healthcheck":
		return healthcheck(ctx, os.Getenv("LISTEN_ADDR"))
	default:
		return fmt.Errorf("unknown verb %q; there are run (the default), demo, keygen, backup, restore, audit-verify, accept-history and healthcheck", verb)
	}
}

// runShop is the shop as an operator runs it.
func runShop(ctx context.Context, errs io.Writer) error {
	cfg, err := loadSettings(envFile, os.Environ())
	if err != nil {
		return err
	}
	p, err := build(ctx, cfg, conditions{log: newLogger(errs, slog.LevelInfo, cfg.secrets()...), offset: failpoint.Offset()})
	if err != nil {
		return err
	}
	return errors.Join(p.Run(ctx), p.Close())
}

// welcome is what the demo's customers find in their wallets, in minor units.
const welcome = 50_000_00

// runDemo is the whole shop on one machine: the world outside of it here, and the shop as a child process that may be killed.
func runDemo(ctx context.Context, args []string, out, errs io.Writer) error {
	o := demo.WorldOptions{Addr: "127.0.0.1:8686", Logger: slog.New(slog.DiscardHandler)}
	if len(args) > 0 && slices.Contains([]string{demo.OnlyTelegram, demo.OnlySuppliers}, args[0]) {
		o.Only, o.Addr, args = args[0], "", args[1:]
	}
	if len(args) > 0 && args[0] == demoShop {
		return runDemoShop(ctx, os.Stdin, out, errs)
	}
	if len(args) > 0 {
		o.Addr = args[0]
	}
	o.Redis = o.Only == ""
	world, err := demo.Open(ctx, o)
	if err != nil {
		return err
	}
	if o.Only != "" {
		_, _ = fmt.Fprintf(out, "URL=%s\n%s", world.URL(), settingLines(world.Settings()))
		return world.Serve(ctx)
	}
	around, stop := context.WithCancel(context.WithoutCancel(ctx)) // the world outlives the shop, so that its last replies arrive
	defer stop()
	served := make(chan error, 1)
	go func() { served <- world.Serve(around) }()
	path, err := os.Executable()
	if err == nil {
		err = world.RunShop(ctx, demo.ShopOptions{Path: path, Args: []string{"demo", demoShop}, Stderr: errs}, func() {
			_, _ = fmt.Fprintf(out, "Cardrop's demo shop is open: %s\n", world.URL())
		})
	}
	stop()
	return errors.Join(err, <-served)
}

// demoShop is the word after `demo` with which a demo starts its shop.
const demoShop = "shop"

// runDemoShop is the shop of a demo: the shipped program with the clock of the world that started it, which it never outlives.
func runDemoShop(ctx context.Context, in io.Reader, out, errs io.Writer) error {
	leash, err := demo.Hold(in)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		<-leash.Gone()
		stop()
		time.Sleep(afterWorld)
		os.Exit(1)
	}()
	cfg, err := loadSettings("", os.Environ())
	if err != nil {
		return err
	}
	log := newLogger(errs, slog.LevelError, cfg.secrets()...)
	p, err := build(ctx, cfg, conditions{log: log, offset: leash.Offset, pace: 200 * time.Millisecond})
	if err != nil {
		return err
	}
	if err := p.welcome(ctx); err != nil {
		return errors.Join(err, p.Close())
	}
	go p.tell(ctx, leash.After(), out)
	go p.reopen(ctx, leash.Resumed())
	return errors.Join(p.Run(ctx), p.Close())
}

// afterWorld is how long the shop may take to end when nobody is there any more.
const afterWorld = 6 * time.Second

// welcome puts something into the wallets of the demo's customers; a shop that starts again finds it done.
func (p *program) welcome(ctx context.Context) error {
	for _, someone := range demo.Cast() {
		if someone.ID == demo.DemoAdmin {
			continue
		}
		_, _, err := p.shop.Credit(ctx, checkout.CreditRequest{Admin: demo.DemoAdmin, User: someone.ID, Amount: welcome,
			Note: "welcome to the demo", Ref: fmt.Sprintf("welcome-%d", someone.ID)})
		if err != nil {
			return err
		}
	}
	return nil
}
