package checkout

import (
	"context"
	"testing"
	"time"
)

// rehearses has an empty play played.
func (k *kit) rehearses() {
	k.t.Helper()
	k.ok(k.shop.AskRehearsal(k.ctx, admin))
	k.ok(k.shop.Rehearse(k.ctx, func(_ context.Context, told func([]Scene)) error {
		told([]Scene{{Name: "purchase", State: SceneWell}})
		return nil
	}))
}

// TestOneRehearsalAtATime: a second one is refused while one is under way; one that its program left in the middle is told to be broken off and
// not played again, and another can be asked for.
func TestOneRehearsalAtATime(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.shop.AskRehearsal(k.ctx, admin))
		k.is(k.shop.AskRehearsal(k.ctx, admin), ErrRehearsing)
		plays := 0
		dying, die := context.WithCancel(k.ctx)
		play := func(_ context.Context, told func([]Scene)) error {
			plays++
			told([]Scene{{Name: "purchase", State: SceneWell}, {Name: "partial", State: SceneRuns}})
			return nil
		}
		other, err := New(k.options)
		k.ok(err)
		k.ok(k.shop.Rehearse(dying, func(ctx context.Context, told func([]Scene)) error {
			k.is(k.shop.AskRehearsal(k.ctx, admin), ErrRehearsing)
			die()
			return play(ctx, told)
		}))
		r, err := other.Rehearsal(k.ctx)
		k.ok(err)
		if !r.Done || r.Well() || r.Parts[1].Why != WhyBroken {
			t.Errorf("broken off, it stands at %+v", r)
		}
		k.ok(other.Rehearse(k.ctx, play)) // nothing is asked for
		k.ok(other.AskRehearsal(k.ctx, admin))
		// A program that was killed leaves it begun; the next one says so.
		r, err = k.shop.Rehearsal(k.ctx)
		k.ok(err)
		r.Begun, r.Parts = true, []Scene{{Name: "purchase", State: SceneRuns}}
		k.ok(k.shop.keepRehearsal(k.ctx, r))
		k.pass(time.Minute)
		k.ok(other.Rehearse(k.ctx, play))
		if r, err = k.shop.Rehearsal(k.ctx); err != nil || !r.Done || r.Parts[0].Why != WhyBroken || plays != 1 {
			t.Errorf("after a kill it stands at %+v after %d plays", r, plays)
		}
	})
}
