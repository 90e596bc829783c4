package oneclickdz

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/oneclickdz/sandbox"
)

// TestLostSend follows a ref whose answer was lost, for every spelling in which the supplier may keep it.
func TestLostSend(t *testing.T) {
	for name, style := range map[string]sandbox.Style{
		"prefixed, both known": {}, "prefixed only": {StrictRef: true}, "plain": {PlainRef: true, StrictRef: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.sim.Speak(style)
			b.trouble(t, sandbox.Trouble{Fault: sandbox.LostAfter, Times: 1})
			p := b.buyNet(sandbox.KnownADSL)
			if _, err := b.net.Place(t.Context(), p); !errors.Is(err, providers.ErrUnknown) {
				t.Fatalf("place: %v, want unknown", err)
			}
			b.clock.Advance(time.Minute)
			f, err := b.net.Resolve(t.Context(), p)
			if err != nil || f.State != providers.Fulfilled || f.Handle != b.sim.Sold()[0].Handle {
				t.Fatalf("state %q, error %v; want the sale found by its ref", f.State, err)
			}
			if sends(b) != 1 {
				t.Errorf("%d sends, want 1", sends(b))
			}
			for _, call := range b.sim.Calls() {
				if strings.Contains(call.Path, "+") {
					t.Errorf("a plus sign in the path %s is not escaped", call.Path)
				}
			}
		})
	}
}

func sends(b *bench) int {
	n := 0
	for _, call := range b.sim.Calls() {
		if call.Path == "/internet/send" {
			n++
		}
	}
	return n
}

func TestPlaceOfAUsedRefReadsIt(t *testing.T) {
	for _, hyphen := range []bool{false, true} {
		b := open(t)
		b.sim.Speak(sandbox.Style{HyphenDuplicate: hyphen, StrictRef: true})
		p := b.buyNet(sandbox.KnownADSL)
		first, err := b.net.Place(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.net.Place(t.Context(), p)
		if err != nil || again.Handle != first.Handle || again.State != providers.Pending {
			t.Errorf("hyphen %v: %+v, error %v; want the first top-up", hyphen, again, err)
		}
		if n := len(b.sim.Sold()); n != 1 {
			t.Errorf("%d sales", n)
		}
	}
}

// TestSilence walks through the two minutes after which an unknown ref is sent again.
func TestSilence(t *testing.T) {
	b := open(t)
	b.trouble(t, sandbox.Trouble{Fault: sandbox.LostBefore, Times: 1})
	p := b.buyNet(sandbox.KnownADSL)
	if _, err := b.net.Place(t.Context(), p); !errors.Is(err, providers.ErrUnknown) {
		t.Fatalf("place: %v", err)
	}
	ask := func(after time.Duration) (providers.Fulfillment, error) {
		b.clock.Advance(after)
		f, err := b.net.Resolve(t.Context(), p)
		if f.Memo != "" {
			p.Memo = f.Memo
		}
		return f, err
	}
	for _, after := range []time.Duration{5 * time.Second, 25 * time.Second, time.Minute, time.Minute - time.Millisecond} {
		if f, err := ask(after); !errors.Is(err, providers.ErrUnknown) || f.State != "" || sends(b) != 1 {
			t.Fatalf("before the two minutes are over: %+v, %v, %d sends", f, err, sends(b))
		}
	}
	f, err := ask(time.Millisecond)
	if err != nil || f.State != providers.Pending || f.Handle == "" || sends(b) != 2 {
		t.Fatalf("after two minutes: %+v, %v, %d sends; want it sent again", f, err, sends(b))
	}
	var refs []string
	for _, call := range b.sim.Calls() {
		if call.Path == "/internet/send" {
			refs = append(refs, call.Ref)
		}
	}
	if refs[0] != p.Ref || refs[1] != p.Ref {
		t.Errorf("sent under %v, want %s twice", refs, p.Ref)
	}
}

// TestSendingAgain lists what may come of the second send.
func TestSendingAgain(t *testing.T) {
	for name, c := range map[string]struct {
		trouble sandbox.Fault
		reason  providers.Reason // of the refusal; empty for an unknown outcome
		sold    int
	}{
		"out of stock":      {trouble: sandbox.OutOfStock, reason: providers.OutOfStock},
		"out of funds":      {trouble: sandbox.OutOfFunds, reason: providers.NoFunds},
		"bad number":        {trouble: sandbox.BadPhone, reason: providers.BadAccount},
		"busy":              {trouble: sandbox.TooMany},
		"blocked":           {trouble: sandbox.Blocked},
		"a router's miss":   {trouble: sandbox.RouterMiss},
		"a page":            {trouble: sandbox.HTML502},
		"lost once more":    {trouble: sandbox.LostBefore},
		"lost after":        {trouble: sandbox.LostAfter, sold: 1},
		"failed after":      {trouble: sandbox.Unavailable, sold: 1},
		"key not checked":   {trouble: sandbox.AuthUnavailable},
		"cut in the middle": {trouble: sandbox.CutJSON, sold: 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			p := b.buyNet(sandbox.KnownADSL)
			p.Memo = note{since: p.SendBy}.memo()
			b.clock.Advance(3 * time.Minute)
			b.trouble(t, sandbox.Trouble{Fault: c.trouble, Times: 1})
			f, err := b.net.Resolve(t.Context(), p)
			reason, no := providers.Refused(err)
			if no != (c.reason != "") || reason != c.reason || (!no && !errors.Is(err, providers.ErrUnknown)) {
				t.Fatalf("got %v, want reason %q", err, c.reason)
			}
			if n := len(b.sim.Sold()); n != c.sold {
				t.Fatalf("%d sales, want %d", n, c.sold)
			}
			if no {
				return
			}
			if f.Memo != "" {
				p.Memo = f.Memo
			}
			for range 4 {
				b.clock.Advance(time.Minute)
				if f, err = b.net.Resolve(t.Context(), p); f.Handle != "" {
					p.Handle = f.Handle
				}
			}
			if err != nil || f.State != providers.Fulfilled || len(b.sim.Sold()) != 1 {
				t.Errorf("in the end: state %q, error %v, %d sales; want one", f.State, err, len(b.sim.Sold()))
			}
		})
	}
}

func TestNothingIsSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*providers.Placement)
		path   string
		fault  sandbox.Fault
		after  time.Duration
		want   error
	}{
		"a router's miss is no answer": {path: "check-ref", fault: sandbox.RouterMiss, after: time.Hour, want: providers.ErrUnknown},
		"a gateway's page":             {path: "check-ref", fault: sandbox.HTML502, after: time.Hour, want: providers.ErrUnknown},
		"the user cannot be read":      {path: "validate", fault: sandbox.ErrorAfter, after: time.Hour, want: providers.ErrUnknown},
		"it was acknowledged": {
			change: func(p *providers.Placement) { p.Memo = note{ref: "API-x-" + p.Ref}.memo() }, after: time.Hour, want: providers.ErrUnknown,
		},
		"a day is over": {after: 25 * time.Hour, want: providers.ErrAsk},
		"its id is known": {
			change: func(p *providers.Placement) { p.Handle = "65cc00000000000000000001" }, after: time.Hour, want: providers.ErrUnknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			p := b.buyNet(sandbox.KnownADSL)
			p.Memo = note{since: p.SendBy}.memo()
			if c.change != nil {
				c.change(&p)
			}
			if c.fault != "" {
				b.trouble(t, sandbox.Trouble{Fault: c.fault, Path: c.path})
			}
			b.clock.Advance(c.after)
			if _, err := b.net.Resolve(t.Context(), p); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if n := sends(b); n != 0 {
				t.Errorf("%d sends", n)
			}
		})
	}
}
