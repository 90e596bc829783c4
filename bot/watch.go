package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cardrop/providers"
)

// unverified is why a supplier is paused whose key could not be looked at yet.
const unverified = "unverified"

// keyCheck asks a supplier what kind of key it was given.
type keyCheck struct {
	names []string                                            // the suppliers behind the key
	ask   func(ctx context.Context) (kind keyKind, err error) // a *Refusal is a rejected key
}

// keyKind is what a supplier says of a key.
type keyKind struct {
	live    bool
	enabled bool
}

// errKeyKind is a supplier's key of the other kind than SHOP_MODE.
var errKeyKind = errors.New("ONECLICKDZ_ACCESS_TOKEN: the key is of the other kind than SHOP_MODE; put the key that belongs to this mode, or change SHOP_MODE")

// checkRedis refuses a live shop on a Redis that forgets, or that has no room left. The embedded Redis and a managed one cannot tell;
// there the setting decides. What is only worth changing goes to the operators once, until it is mended.
func (p *program) checkRedis(ctx context.Context) error {
	h, err := p.store.Check(ctx, time.Now)
	if err != nil {
		return err
	}
	p.advise(ctx, h.Advice)
	if p.cfg.ShopMode != modeLive {
		return nil
	}
	problems := h.Problems
	if p.cfg.RedisDurability != "assumed" {
		for _, question := range h.Missing {
			problems = append(problems, "Redis does not let us ask "+question+"; grant that right, or set REDIS_DURABILITY=assumed")
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w:\n  %s", errForgetful, strings.Join(problems, "\n  "))
	}
	return nil
}

// errForgetful is a Redis that may lose what it was told.
var errForgetful = errors.New("a live shop does not sell: Redis would lose money data")

// advise alarms about each piece of advice that was not given at the former look. While the program is built there is nobody to alarm
// yet; the first look of watch does it.
func (p *program) advise(ctx context.Context, advice []string) {
	if p.bot == nil {
		return
	}
	former := p.advised
	p.advised = advice
	for _, a := range advice {
		if !slices.Contains(former, a) {
			p.c.log.WarnContext(ctx, "Redis: "+a)
			p.alarm(ctx, "redis", a)
		}
	}
}

// checkKeys reads what kind of key each supplier was given. A key of the other kind ends the start; a supplier that cannot be asked
// now is paused until it can.
func (p *program) checkKeys(ctx context.Context) error {
	for _, k := range p.checks {
		limited, cancel := context.WithTimeout(ctx, 10*time.Second)
		key, err := k.ask(limited)
		cancel()
		reason, refused := providers.Refused(err)
		for _, name := range k.names {
			switch {
			case err == nil && key.live == (p.cfg.ShopMode == modeLive) && key.enabled:
				err := errors.Join(p.shop.Resume(ctx, name, unverified), p.shop.Resume(ctx, name, string(providers.Blocked)))
				if err != nil {
					return err
				}
			case err == nil && key.enabled:
				return fmt.Errorf("%w (SHOP_MODE is %s)", errKeyKind, p.cfg.ShopMode)
			case err == nil:
				err := p.shop.Pause(ctx, name, string(providers.Blocked)) // a key that is switched off at the supplier
				if err != nil {
					return err
				}
			case refused && reason == providers.Blocked:
				if err := p.shop.Pause(ctx, name, string(reason)); err != nil {
					return err
				}
			default:
				if err := p.shop.Pause(ctx, name, unverified); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// watch looks every minute at what may have changed under the shop: Redis' own settings, and suppliers that were not verified.
func (p *program) watch(ctx context.Context) error {
	problem := p.checkRedis(ctx)
	if problem != nil && !errors.Is(problem, errForgetful) {
		return problem // it does not answer: nothing can be bought, and nothing written, until it does
	}
	if err := p.shop.SwitchBuying(ctx, problem); err != nil {
		return errors.Join(problem, err)
	}
	err := p.checkKeys(ctx)
	if errors.Is(err, errKeyKind) { // the key was exchanged while the shop runs
		for _, k := range p.checks {
			for _, name := range k.names {
				err = errors.Join(err, p.shop.Pause(ctx, name, string(providers.Blocked)))
			}
		}
	}
	return errors.Join(problem, err)
}

// missing says what keeps the shop from selling: part → how to mend it.
func (p *program) missing(ctx context.Context) map[string]string {
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	missing := map[string]string{}
	now, err := p.store.Now(limited)
	if err != nil {
		return map[string]string{"redis": "it does not answer"}
	}
	head, err := p.store.Head(limited)
	if err != nil || now.Sub(head.At) > 5*time.Second {
		missing["record"] = "its entries are not linked; look at the log of the notary job"
	}
	paused, err := p.store.Paused(limited)
	if err != nil {
		missing["redis"] = "it does not answer"
	}
	for name, reason := range paused {
		missing["supplier "+name] = "paused: " + reason
	}
	bars, err := p.store.Bars(limited)
	if err != nil {
		missing["redis"] = "it does not answer"
	}
	for cause := range bars {
		missing["buying ("+cause+")"] = "stopped; look at the alarms and at the log"
		if cause == "operator" {
			missing["buying (operator)"] = "closed by an operator; /open ends it"
		}
	}
	unlisted, err := p.shop.Unlisted(limited)
	if err != nil {
		missing["redis"] = "it does not answer"
	}
	for _, name := range unlisted {
		missing["catalog "+name] = "it was never read; the supplier does not answer"
	}
	if p.bot.Username() == "" {
		missing["telegram"] = "the Bot API did not tell who we are yet"
	}
	return missing
}

// alarm writes to the operators' chat, or to every admin.
func (p *program) alarm(ctx context.Context, kind, about string) {
	p.metrics.Alarmed(kind)
	chats := p.cfg.AdminIDs
	if p.cfg.OperatorsChat != 0 {
		chats = []int64{p.cfg.OperatorsChat}
	}
	go func() {
		limited, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		for _, chat := range chats {
			p.do(limited, "alarm", func(ctx context.Context) error {
				return p.bot.SendNotice(ctx, chat, "⚠️ "+strings.ReplaceAll(kind, "_", " ")+": "+about)
			})
		}
	}()
}
