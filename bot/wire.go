package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"cardrop/bot/backup"
	"cardrop/bot/delivery"
	"cardrop/bot/failpoint"
	"cardrop/bot/telegram"
	"cardrop/bot/web"
	"cardrop/flows"
	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/providers/giftz"
	"cardrop/providers/ocpay"
	"cardrop/providers/oneclickdz"
	"cardrop/store"
)

// conditions are what differs between the shop as it runs and the shop in a demo or a test.
type conditions struct {
	log    *slog.Logger
	offset func() time.Duration // added to every clock; nil for none
	pace   time.Duration        // at which the catalog opens families; 0 for the default
}

// now is the process clock of these conditions.
func (c conditions) now() time.Time {
	if c.offset == nil {
		return time.Now()
	}
	return time.Now().Add(c.offset())
}

// program is the whole shop, wired.
type program struct {
	cfg      Config
	c        conditions
	store    *store.Store
	shop     *checkout.Shop
	desk     *flows.Desk
	bot      *telegram.Bot
	web      *web.Server
	private  *web.Server // metrics; nil when they are off
	metrics  *web.Metrics
	jobs     *cron.Cron
	sweeping chan struct{}  // as many sweeps as may run at once
	kept     *backup.Keeper // nil without backups
	checks   []keyCheck     // of suppliers that tell what kind of key they were given

	words    *flows.Words
	download *delivery.Download

	advised []string // what watch told the operators about Redis; only watch reads and writes it
}

// build wires the program: everything that can be wrong shows here, before an update is read.
func build(ctx context.Context, cfg Config, c conditions) (*program, error) {
	hook := failpoint.Hook(os.Getenv("FAILPOINT"))
	p, err := connect(ctx, cfg, c, hook)
	if err != nil {
		return nil, err
	}
	if err := p.assemble(ctx, hook); err != nil {
		return nil, errors.Join(err, p.store.Close())
	}
	return p, nil
}

// connect is the program with its memory only.
func connect(ctx context.Context, cfg Config, c conditions, hook func(context.Context, string) error) (*program, error) {
	p := &program{cfg: cfg, c: c, sweeping: make(chan struct{}, 8)}
	p.measure()
	var err error
	p.store, err = store.Open(ctx, store.Options{URL: cfg.RedisURL.Expose(), Shop: cfg.Shop, Offset: c.offset, Failpoint: hook, Trip: p.metrics.Trip, Logger: c.log})
	return p, err
}

// assemble builds what stands on the store, and looks at what it stands on.
func (p *program) assemble(ctx context.Context, hook func(context.Context, string) error) error {
	if err := p.checkRedis(ctx); err != nil {
		return err
	}
	var err error
	if p.kept, err = p.keeper(); err != nil {
		return err
	}
	if err := p.furnish(ctx, hook); err != nil {
		return err
	}
	if err := p.shop.CheckHistory(ctx); errors.Is(err, checkout.ErrWentBack) {
		p.c.log.ErrorContext(ctx, "buying is stopped: "+acceptHint, "err", err)
	} else if err != nil {
		return err
	}
	if err := p.shop.Distrust(ctx); err != nil {
		return err
	}
	if err := p.shop.Enthrone(ctx, p.cfg.AdminIDs); err != nil {
		return err
	}
	if err := p.checkKeys(ctx); err != nil {
		return err
	}
	if p.kept == nil {
		p.c.log.WarnContext(ctx, "no backups are made: BACKUP_RECIPIENT is not set")
	}
	return p.listen(ctx)
}

// furnish builds the shop, and asks nobody outside of Redis.
func (p *program) furnish(ctx context.Context, hook func(context.Context, string) error) error {
	ring, err := checkout.OpenRing(ctx, checkout.RingOptions{Store: p.store, Primary: p.cfg.EncryptionKey,
		Retired: p.cfg.EncryptionKeysRetired, Mode: p.cfg.ShopMode, Shop: p.cfg.Shop})
	if err != nil {
		return err
	}
	words, err := flows.NewWords(flows.WordsOptions{Default: p.cfg.DefaultLanguage, Timezone: p.cfg.ShopTimezone,
		Currency: p.cfg.ShopCurrency, Support: p.cfg.SupportContact, Hours: p.cfg.SupportHours})
	if err != nil {
		return err
	}
	p.words = words
	p.bot, err = telegram.New(telegram.Options{Token: p.cfg.TelegramBotToken, APIURL: p.cfg.TelegramAPIURL,
		Insecure: p.cfg.TelegramAPIInsecure, WebhookURL: p.cfg.TelegramWebhookURL, WebhookSecret: p.cfg.TelegramWebhookSecret,
		Language: p.cfg.DefaultLanguage, Words: words, Leases: p.store, Throttle: p.store,
		Logger: p.c.log, Count: p.metrics.Update, Failpoint: hook, Now: p.c.now})
	if err != nil {
		return err
	}
	suppliers, err := p.suppliers(hook)
	if err != nil {
		return err
	}
	goods := checkout.Options{Store: p.store, Suppliers: suppliers, Ring: ring,
		Channels: p.channels(hook), Currency: p.cfg.ShopCurrency, Markup: p.cfg.MarkupPercent,
		PriceStep: p.cfg.PriceStep, Rates: p.cfg.Rates, RevealTTL: p.cfg.RevealTTL, MessageTTL: p.cfg.MessageTTL,
		FileTTL: p.cfg.FileTTL, RevealLimit: int(p.cfg.RevealLimit), Retention: p.cfg.CardRetention, OpenEvery: p.c.pace,
		SharedLedger: p.cfg.OneClickDzSharedAccount, Now: p.c.now, Rand: func(b []byte) { _, _ = rand.Read(b) },
		Alarm: p.alarm, Meter: p.metrics, Logger: p.c.log}
	if goods.Payments, err = p.payments(hook, &goods); err != nil {
		return err
	}
	goods.TopUpMin, goods.TopUpMax = p.cfg.TopupMin*minorUnits(p.cfg), p.cfg.TopupMax*minorUnits(p.cfg)
	goods.Hours, goods.Zone = checkout.ParseHours(p.cfg.SupportHours, p.cfg.ShopTimezone), p.cfg.ShopTimezone
	if p.cfg.DataDir != "" {
		goods.Witness = headFile{dir: p.cfg.DataDir, shop: p.cfg.Shop}
	}
	p.archives(&goods)
	goods.Unopened = p.cfg.UnopenedRetention
	goods.Dangers, goods.ReportWithin = dangers(p.cfg), p.cfg.ReportWithin
	p.shop, err = checkout.New(goods)
	if err != nil {
		return err
	}
	p.desk = flows.NewDesk(flows.Options{Shop: p.shop, Talks: p.store, Words: words, Admins: p.cfg.AdminIDs, Now: p.c.now, Host: p.host,
		Logger: p.c.log, Paces: paces(p.cfg), Links: p.linkTo()})
	p.bot.Attach(p.desk, p.desk)
	return nil
}

// suppliers lists who sells to the shop, one line each; every supplier whose settings are given is on.
func (p *program) suppliers(hook func(context.Context, string) error) ([]providers.Provider, error) {
	var list []providers.Provider
	var wrong []error
	if !p.cfg.OneClickDzAccessToken.Empty() {
		c, err := oneclickdz.New(oneclickdz.Options{AccessToken: p.cfg.OneClickDzAccessToken, BaseURL: p.cfg.OneClickDzBaseURL,
			Now: p.c.now, Failpoint: hook})
		if err == nil {
			list = append(list, c.GiftCards(), c.Internet())
			p.checks = append(p.checks, keyCheck{names: []string{oneclickdz.GiftName, oneclickdz.InternetName},
				ask: func(ctx context.Context) (keyKind, error) {
					key, err := c.Validate(ctx)
					return keyKind{live: key.Type == oneclickdz.KeyProduction, enabled: key.Enabled && key.Scope != oneclickdz.ScopeReadOnly}, err
				}})
		}
		wrong = append(wrong, err)
	}
	if p.cfg.GiftZUserName != "" {
		c, err := giftz.New(giftz.Options{UserName: p.cfg.GiftZUserName, SecureKey: p.cfg.GiftZSecureKey,
			Password: p.cfg.GiftZPassword, BaseURL: p.cfg.GiftZBaseURL, PriceIs: giftz.PriceIs(p.cfg.GiftZPriceIs),
			Now: p.c.now, Failpoint: hook})
		if err == nil {
			list = append(list, c)
			for _, w := range c.Warnings() {
				p.c.log.Warn(w)
			}
		}
		wrong = append(wrong, err)
	}
	return list, errors.Join(wrong...)
}

// supplierNames are all that the program can buy from, as they are counted.
func supplierNames() []string {
	return []string{oneclickdz.GiftName, oneclickdz.InternetName, giftz.Name}
}

// queueNames are the queues of work with a time.
func queueNames() []string {
	var names []string
	for _, kind := range store.DueKinds() {
		names = append(names, string(kind))
	}
	return names
}

// payments lists how wallets are filled: first what a machine sees arriving, then what a person looks at.
func (p *program) payments(hook func(context.Context, string) error, goods *checkout.Options) ([]checkout.PaymentMethod, error) {
	var list []checkout.PaymentMethod
	if !p.cfg.TopupOCPayToken.Empty() {
		c, err := ocpay.New(ocpay.Options{AccessToken: p.cfg.TopupOCPayToken, BaseURL: p.cfg.TopupOCPayURL, Now: p.c.now, Failpoint: hook})
		if err != nil {
			return nil, err
		}
		list = append(list, checkout.NewPayPage(ocpay.Name, c, minorUnits(p.cfg), checkout.PayPageOptions{Least: ocpay.Least, Most: ocpay.Most,
			Life: ocpay.Life, Sandbox: p.cfg.ShopMode == modeSandbox}))
	}
	if p.cfg.TopupStars {
		list, goods.Stars = append(list, checkout.Stars{}), p.bot
	}
	seen, err := payments(p.cfg)
	return append(list, seen...), err
}

// Run serves until ctx ends, then lets what is under way finish: intake first, then workers and jobs.
func (p *program) Run(ctx context.Context) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var wg sync.WaitGroup
	wg.Go(func() { p.shop.Work(work) })
	wg.Go(func() { p.relay(work) })
	if err := p.schedule(ctx, work); err != nil {
		return err
	}
	var served error
	wg.Go(func() { served = p.web.Serve(ctx) })
	if p.private != nil {
		wg.Go(func() { p.do(ctx, "metrics", p.private.Serve) })
	}
	err := p.bot.Run(ctx)
	<-p.jobs.Stop().Done()
	stopWork()
	if err != nil {
		return err // the listener ends with the process
	}
	wg.Wait()
	return served
}

// Close gives back what build took.
func (p *program) Close() error { return p.store.Close() }

// shelf is the store as the backups read it.
type shelf struct{ *store.Store }

func (s shelf) Mark(ctx context.Context) (backup.Point, error) {
	m, err := s.Store.Mark(ctx)
	return backup.Point(m), err
}

func (s shelf) Copy(ctx context.Context, from backup.Point, out func(line []byte) error) error {
	return s.Store.Copy(ctx, store.Mark(from), out)
}

func (s shelf) Changes(ctx context.Context, from backup.Point, out func(line []byte) error) (backup.Point, error) {
	m, err := s.Store.Changes(ctx, store.Mark(from), out)
	return backup.Point(m), err
}

// Forked tells whether Redis does not continue the point that changes were asked for from.
func (s shelf) Forked(err error) bool { return errors.Is(err, store.ErrForked) }
