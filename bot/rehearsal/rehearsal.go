// Package rehearsal plays purchases in a separate shop beside the real one: with the same program and the same Redis, but under a name, a
// key, wallets and a clock of its own, and against the suppliers' simulators on loopback. Nothing of the real shop is read or written.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// Options say where a rehearsal takes place.
type Options struct {
	RedisURL providers.Secret // of the real shop
	Shop     string           // its name; the rehearsal takes one that no setting can give

	wrap func(providers.Provider) providers.Provider // tests put defects back with it
}

// failed is a part that did not go as it should.
type failed struct {
	why, want, got string
	inner          error
}

// Error tells it without any value of a card.
func (f *failed) Error() string {
	return fmt.Sprintf("%s: want %s, got %s: %v", f.why, f.want, f.got, f.inner)
}

// New makes what plays a rehearsal.
func New(o Options) checkout.Rehearse {
	if o.wrap == nil {
		o.wrap = func(p providers.Provider) providers.Provider { return p }
	}
	return o.play
}

// play goes through the scenes, one after the other: each has a customer of its own. What was left by a rehearsal that was broken off is
// removed first, and what this one wrote at the end.
func (o Options) play(ctx context.Context, told func([]checkout.Scene)) (err error) {
	parts := make([]checkout.Scene, 0, len(scenes()))
	for _, s := range scenes() {
		parts = append(parts, checkout.Scene{Name: s.name, State: checkout.SceneWaits})
	}
	tell := func() { told(slices.Clone(parts)) }
	parts[0].State = checkout.SceneRuns
	tell()
	began := time.Now()
	st, err := open(ctx, o)
	if err != nil {
		for i := range parts {
			parts[i].State, parts[i].Why = checkout.SceneFailed, checkout.WhyBegin
		}
		parts[0].Took = time.Since(began)
		tell()
		return nil //nolint:nilerr // it is told as the result
	}
	defer func() { err = errors.Join(err, st.close(context.WithoutCancel(ctx))) }()
	for i, s := range scenes() {
		parts[i].State = checkout.SceneRuns
		tell()
		began := time.Now()
		parts[i] = judged(s.name, st.play(ctx, s))
		parts[i].Took = time.Since(began)
		if ctx.Err() != nil {
			return nil // whoever asked is told that it was broken off
		}
		tell()
	}
	return nil
}

// judged is what became of a part.
func judged(name string, err error) checkout.Scene {
	var f *failed
	switch {
	case err == nil:
		return checkout.Scene{Name: name, State: checkout.SceneWell}
	case errors.As(err, &f):
		return checkout.Scene{Name: name, State: checkout.SceneFailed, Why: f.why, Want: f.want, Got: f.got}
	}
	return checkout.Scene{Name: name, State: checkout.SceneFailed, Why: checkout.WhyError}
}
