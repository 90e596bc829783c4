package checkout

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// announces has a broadcast pass through all of its steps.
func (k *kit) announces() {
	k.t.Helper()
	k.ok(k.shop.BeginBroadcast(k.ctx, admin, "b0", map[string]string{"en": "Good news", "fr": "Bonne nouvelle"}))
	k.ok(k.shop.PauseBroadcast(k.ctx, admin, "b0"))
	k.ok(k.shop.ResumeBroadcast(k.ctx, admin, "b0"))
	k.ok(k.shop.CancelBroadcast(k.ctx, admin, "b0"))
	m, err := k.shop.Mail(k.ctx)
	k.ok(err)
	_, _, err = m.Next(k.ctx)
	k.is(err, ErrMailed)
	k.ok(m.Close(k.ctx))
}

// post is the other end of a broadcast: what people got, as Telegram knows it.
type post struct {
	k       *kit
	got     map[int64]int
	blocked map[int64]bool
	busy    int // so many calls more are answered with 429
}

// carry sends what a mailing hands out, until it has nothing more or dies at its n-th step: right before a text leaves, right after, or when it
// was told what became of it.
func (p *post) carry(m *Mailing, dies int) (over bool) {
	p.k.t.Helper()
	step := func() bool { dies--; return dies == 0 }
	for {
		a, wait, err := m.Next(p.k.ctx)
		if errors.Is(err, ErrMailed) {
			return true
		}
		p.k.ok(err)
		if a.Chat == 0 {
			p.k.pass(max(wait, time.Millisecond))
			continue
		}
		if step() {
			return false
		}
		fate, after := store.FateSent, time.Duration(0)
		switch {
		case p.busy > 0:
			p.busy--
			fate, after = store.FateAgain, 2*time.Second
		case p.blocked[a.Chat]:
			fate = store.FateBlocked
		default:
			p.got[a.Chat]++
		}
		if step() {
			return false
		}
		p.k.ok(m.Done(p.k.ctx, a.Chat, fate, after))
		if step() {
			return false
		}
	}
}

// TestABroadcastReachesEachOnce kills the process that sends again and again, at any step: nobody gets the text twice, and whoever did not get
// it is counted as blocked, banned, without announcements, or unsure; there is at most one of these for each death.
func TestABroadcastReachesEachOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		const people = 120
		dice := rand.New(rand.NewPCG(4, 5)) //nolint:gosec // repeatable on purpose
		p := &post{k: k, got: map[int64]int{}, blocked: map[int64]bool{}, busy: 9}
		first := int64(50_000)
		for i := range int64(people) {
			_, err := k.store.CustomerNumber(k.ctx, first+i)
			k.ok(err)
			p.blocked[first+i] = i%30 == 7
		}
		_, err := k.shop.Ban(k.ctx, admin, first+3, true)
		k.ok(err)
		k.ok(k.store.Mute(k.ctx, first+5, true))
		k.ok(k.store.Shut(k.ctx, first+6))
		k.ok(k.shop.BeginBroadcast(k.ctx, admin, "b1", map[string]string{"en": "Good news"}))
		k.ok(k.shop.BeginBroadcast(k.ctx, admin, "b1", map[string]string{"en": "Good news"})) // the tap came twice
		k.is(k.shop.BeginBroadcast(k.ctx, admin, "b2", map[string]string{"en": "Other news"}), ErrBroadcasting)
		_, err = k.store.CustomerNumber(k.ctx, first+people) // who comes later gets nothing
		k.ok(err)

		deaths := 0
		for over := false; !over; {
			m, err := k.shop.Mail(k.ctx)
			k.ok(err)
			if m == nil {
				t.Fatal("nobody sends it")
			}
			if over = p.carry(m, 1+dice.IntN(60)); !over {
				deaths++
			}
			if deaths == 2 {
				k.ok(k.shop.PauseBroadcast(k.ctx, admin, "b1"))
				if !p.carry(m, 1_000_000) {
					t.Error("it goes on while it is paused")
				}
				k.ok(k.shop.ResumeBroadcast(k.ctx, admin, "b1"))
			}
		}
		b, err := k.shop.Broadcast(k.ctx)
		k.ok(err)
		sent := int64(0)
		for user, n := range p.got {
			if sent++; n != 1 {
				t.Errorf("%d got it %d times", user, n)
			}
		}
		f := b.Fates
		missed := people - sent - f[store.FateBlocked] - f[store.FateBanned] - f[store.FateMuted]
		if b.State != store.BroadcastOver || deaths < 5 || f[store.FateUnsure] > int64(deaths) || missed < 0 || missed > f[store.FateUnsure] ||
			f[store.FateSent]+f[store.FateUnsure] < sent {
			t.Errorf("after %d deaths %d got it, %d did not, and it says %v (%s)", deaths, sent, missed, f, b.State)
		}
		if f[store.FateBanned] != 1 || f[store.FateMuted] != 1 || f[store.FateBlocked] < 3 || f[store.FateFailed] != 0 {
			t.Errorf("left out: %v", f)
		}
		events, err := k.store.EventsAfter(k.ctx, "", 10_000)
		k.ok(err)
		var last store.Event
		for _, e := range events {
			if e.Kind == EventCastOver {
				last = e
			}
		}
		want := map[string]string{"broadcast": "b1", "left": "0"}
		for fate, n := range f {
			want[string(fate)] = itoa(n)
		}
		if diff := cmp.Diff(want, last.Data); diff != "" {
			t.Errorf("on record (-want +got):\n%s", diff)
		}
		if m, err := k.shop.Mail(k.ctx); m != nil || err != nil {
			t.Errorf("it is sent again: %v %v", m, err)
		}
	})
}

// TestTelegramInTrouble: who cannot be sent to for now is tried again later, and given up after some time.
func TestTelegramInTrouble(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		_, err := k.store.CustomerNumber(k.ctx, amine)
		k.ok(err)
		k.ok(k.shop.BeginBroadcast(k.ctx, admin, "b1", map[string]string{"en": "Good news"}))
		m, err := k.shop.Mail(k.ctx)
		k.ok(err)
		tries := 0
		for {
			a, wait, err := m.Next(k.ctx)
			if errors.Is(err, ErrMailed) {
				break
			}
			k.ok(err)
			if a.Chat == amine {
				tries++
				k.ok(m.Done(k.ctx, amine, store.FateAgain, 0))
				continue
			}
			k.pass(max(wait, time.Millisecond))
		}
		b, err := k.shop.Broadcast(k.ctx)
		k.ok(err)
		if tries != mailTries || b.Fates[store.FateFailed] != 1 {
			t.Errorf("%d tries, %v", tries, b.Fates)
		}
	})
}
