package giftz

import (
	"context"
	"errors"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/giftz/sandbox"
)

// lost places p so that its answer never comes, and lets the first call end.
func (b *bench) lost(t *testing.T, fault sandbox.Fault, p providers.Placement) {
	t.Helper()
	b.trouble(t, sandbox.Trouble{Fault: fault, Times: 1})
	if _, err := b.Place(t.Context(), p); !errors.Is(err, providers.ErrUnknown) {
		t.Fatalf("place: got %v, want ErrUnknown", err)
	}
	b.clock.Advance(31 * time.Second)
}

func (b *bench) purchases() []sandbox.Heard {
	var list []sandbox.Heard
	for _, c := range b.sim.Calls() {
		if c.Path == "buy-voucher" {
			list = append(list, c)
		}
	}
	return list
}

func TestResolveRepeatsWithANewTime(t *testing.T) {
	b := open(t)
	p := b.buy(2)
	b.lost(t, sandbox.LostAfter, p)
	f, err := b.Resolve(t.Context(), p)
	if err != nil || f.State != providers.Fulfilled || len(f.Cards) != 2 {
		t.Fatalf("state %q, error %v", f.State, err)
	}
	calls := b.purchases()
	if len(calls) != 2 || calls[0].TransID != calls[1].TransID || calls[1].Time != calls[0].Time+31 {
		t.Errorf("calls %+v: want the same trans_id with a new time", calls)
	}
	if sold := b.sim.Sold(); len(sold) != 1 {
		t.Errorf("%d sales, want 1", len(sold))
	}
}

func TestResolveSendsNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		bend func(*providers.Placement)
		wait time.Duration
		want error
	}{
		{"while the first call may run", func(*providers.Placement) {}, 29 * time.Second, providers.ErrUnknown},
		{"without a send-by time, in the first half minute", func(p *providers.Placement) { p.SendBy = time.Time{} }, 29 * time.Second, providers.ErrUnknown},
		{"when the time of sending is not known", func(p *providers.Placement) { p.Sent = time.Time{} }, time.Minute, providers.ErrUnknown},
		{"with a bad quantity", func(p *providers.Placement) { p.Quantity = 11 }, time.Minute, providers.ErrUnknown},
		{"after half an hour", func(*providers.Placement) {}, 30 * time.Minute, providers.ErrAsk},
		{"after a day", func(*providers.Placement) {}, 24 * time.Hour, providers.ErrAsk},
	} {
		b := open(t)
		p := b.buy(1)
		c.bend(&p)
		b.clock.Advance(c.wait)
		f, err := b.Resolve(t.Context(), p)
		if _, no := providers.Refused(err); no || !errors.Is(err, c.want) {
			t.Errorf("%s: state %q, error %v; want %v", c.name, f.State, err, c.want)
		}
		if calls := b.sim.Calls(); len(calls) != 0 {
			t.Errorf("%s: %d calls were made", c.name, len(calls))
		}
	}
}

// A repeat shortly before the limit is not written after it, even when the process is held up in between.
func TestResolveEndsByTheLimit(t *testing.T) {
	b := open(t)
	client, err := New(Options{
		UserName: testUser, SecureKey: b.o.SecureKey, Password: b.o.Password, BaseURL: b.server.URL, Now: b.clock.Now,
		Failpoint: func(_ context.Context, name string) error {
			if name == "supplier.giftz.write" {
				b.clock.Advance(2 * time.Second)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := b.buy(1)
	b.clock.Advance(30*time.Minute - time.Second)
	if f, err := client.Resolve(t.Context(), p); !errors.Is(err, providers.ErrUnknown) {
		t.Errorf("state %q, error %v; want ErrUnknown", f.State, err)
	}
	if n := len(b.purchases()); n != 0 {
		t.Errorf("%d purchases were sent", n)
	}
}

// memos runs Resolve the way the shop does, keeping the memo, and tells what each question came to.
type memos struct {
	b *bench
	p providers.Placement
}

func (m *memos) ask(t *testing.T, fault sandbox.Fault, wait time.Duration) error {
	t.Helper()
	m.b.clock.Advance(wait)
	m.b.sim.Clear()
	m.b.trouble(t, sandbox.Trouble{Fault: fault, Times: 1})
	f, err := m.b.Resolve(t.Context(), m.p)
	if f.Memo != "" {
		m.p.Memo = f.Memo
	}
	return err
}

func TestTwoRefusalsAMinuteApart(t *testing.T) {
	for _, fault := range []sandbox.Fault{sandbox.OutOfStock, sandbox.OutOfFunds} {
		b := open(t)
		m := &memos{b, b.buy(1)}
		b.lost(t, sandbox.LostBefore, m.p)
		for i, wait := range []time.Duration{0, 10 * time.Second, 49 * time.Second} {
			if err := m.ask(t, fault, wait); !errors.Is(err, providers.ErrUnknown) {
				t.Fatalf("%s, question %d: got %v, want ErrUnknown", fault, i, err)
			}
		}
		want := providers.OutOfStock
		if fault == sandbox.OutOfFunds {
			want = providers.NoFunds
		}
		wantRefusal(t, m.ask(t, fault, 2*time.Second), want)
	}
}

// What says nothing about the first call leaves the first no standing; a known trans_id takes it back.
func TestWhatCountsBetweenTwoRefusals(t *testing.T) {
	for _, c := range []struct {
		between sandbox.Fault
		refused bool
	}{
		{sandbox.Invalid, true}, {sandbox.Blocked, true}, {sandbox.HTML502, true}, {sandbox.TooMany, true}, {sandbox.NoVouchers, false},
	} {
		b := open(t)
		m := &memos{b, b.buy(1)}
		b.lost(t, sandbox.LostAfter, m.p) // sold: 102 can be given
		if err := m.ask(t, sandbox.OutOfStock, 0); !errors.Is(err, providers.ErrUnknown) {
			t.Fatalf("%s, first no: %v", c.between, err)
		}
		if err := m.ask(t, c.between, 40*time.Second); !errors.Is(err, providers.ErrUnknown) {
			t.Fatalf("%s: got %v, want ErrUnknown", c.between, err)
		} else if _, no := providers.Refused(err); no {
			t.Fatalf("%s: got %v, want no refusal", c.between, err)
		}
		err := m.ask(t, sandbox.OutOfStock, 40*time.Second)
		if _, no := providers.Refused(err); no != c.refused {
			t.Errorf("%s between: second no gave %v, want refused %v", c.between, err, c.refused)
		}
	}
}

// That a repeat could not be sent says nothing about the first call.
func TestResolveWithNobodyThere(t *testing.T) {
	b := open(t)
	p := b.buy(1)
	b.lost(t, sandbox.LostAfter, p)
	b.server.Down()
	_, err := b.Resolve(t.Context(), p)
	if _, no := providers.Refused(err); no || !errors.Is(err, providers.ErrUnknown) || errors.Is(err, providers.ErrNotSent) {
		t.Errorf("got %v, want ErrUnknown alone", err)
	}
}

// While the supplier still works on the first call, a repeat gets 102 without vouchers; later it gets them.
func TestResolveWhileTheSupplierWorks(t *testing.T) {
	b := open(t)
	p := b.buy(2)
	b.trouble(t, sandbox.Trouble{Fault: sandbox.Slow, Times: 1, For: time.Hour})
	b.learn(t.Context(), p.SKU)
	ended := make(chan error, 1)
	go func() {
		_, err := b.Place(t.Context(), p)
		ended <- err
	}()
	for len(b.sim.State().Working) == 0 {
		select {
		case err := <-ended:
			t.Fatalf("place ended: %v", err)
		case <-t.Context().Done():
			t.Fatal("the purchase never began")
		case <-time.After(time.Millisecond):
		}
	}
	b.clock.Advance(31 * time.Second)
	f, err := b.Resolve(t.Context(), p)
	if !errors.Is(err, providers.ErrUnknown) || f.Memo != memoOpen {
		t.Errorf("memo %q, error %v; want ErrUnknown", f.Memo, err)
	}
	b.server.Down()
	b.server.Up()
	b.sim.Finish()
	if err := <-ended; !errors.Is(err, providers.ErrUnknown) {
		t.Errorf("place: got %v, want ErrUnknown", err)
	}
	for range 3 { // asked until final: the first question may meet a kept connection that went down with the server
		if f, err = b.Resolve(t.Context(), p); !errors.Is(err, providers.ErrUnknown) {
			break
		}
	}
	if err != nil || len(f.Cards) != 2 {
		t.Errorf("%d cards, error %v", len(f.Cards), err)
	}
	if n := len(b.sim.Sold()); n != 1 {
		t.Errorf("%d sales, want 1", n)
	}
}
