package checkout

import (
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
	giftzbox "cardrop/providers/giftz/sandbox"
	clickbox "cardrop/providers/oneclickdz/sandbox"
)

// codes is every family's and line's short code: provider and title or SKU → code.
func (k *kit) codes() map[string]string {
	k.t.Helper()
	families, err := k.shop.Families(k.ctx)
	k.ok(err)
	all := map[string]string{}
	for _, f := range families {
		all[f.Provider+" "+f.Title] = f.Code
		for _, l := range f.Lines {
			all[f.Provider+" "+l.Product.SKU] = l.Code
		}
	}
	return all
}

// TestShortCodes: codes are short, different, and the same for ever: after a refresh, in another process, after the line was gone.
func TestShortCodes(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		before := k.codes()
		if len(before) < 40 {
			t.Fatalf("%d codes", len(before))
		}
		seen := map[string]string{}
		for what, code := range before {
			if !regexp.MustCompile(`^[A-Z0-9-]{3,16}$`).MatchString(code) || seen[code] != "" {
				t.Errorf("%s and %s have the code %q", what, seen[code], code)
			}
			seen[code] = what
		}
		k.giftz.SetStock("A0001", 0) // the supplier does not list it any more
		k.pass(11 * time.Minute)
		k.ok(k.shop.RefreshCatalog(k.ctx))
		without := maps.Clone(before)
		delete(without, "giftz Tiki")
		delete(without, "giftz A0001")
		if diff := cmp.Diff(without, k.codes()); diff != "" {
			t.Error(diff)
		}
		k.giftz.SetStock("A0001", 10)
		k.pass(11 * time.Minute)
		other, err := New(k.options)
		k.ok(err)
		k.ok(other.RefreshCatalog(k.ctx))
		k.pass(11 * time.Second) // a process trusts its own copy for ten seconds
		if diff := cmp.Diff(before, k.codes()); diff != "" {
			t.Error(diff)
		}
		for _, what := range []string{"NO-SUCH", "", "giftz|Grab|"} {
			if _, err := k.shop.Line(k.ctx, what); err == nil {
				t.Errorf("%q is a line", what)
			}
		}
	})
}

// TestRefresh: one process reads the lists; a supplier that fails or says nothing at all does not empty the shop.
func TestRefresh(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		before := k.codes()
		k.pass(11 * time.Minute)
		k.ok(k.giftz.Fault(giftzbox.Trouble{Fault: giftzbox.HTML502, Path: "*"}))
		k.ok(k.shop.RefreshCatalog(k.ctx))
		k.giftz.Clear()
		if diff := cmp.Diff(before, k.codes()); diff != "" {
			t.Errorf("after a failing list: %s", diff)
		}
		for _, v := range giftzbox.DefaultVouchers() {
			k.giftz.SetStock(v.ID, 0)
		}
		k.pass(11 * time.Minute)
		k.ok(k.shop.RefreshCatalog(k.ctx))
		if diff := cmp.Diff(before, k.codes()); diff != "" {
			t.Errorf("after an empty list: %s", diff)
		}
		// Another process has the duty.
		o := k.options
		o.Store = k.openStore()
		t.Cleanup(func() { _ = o.Store.Close() })
		other, err := New(o)
		k.ok(err)
		k.target.Add((11 * time.Minute).Milliseconds())
		held, err := k.store.TakeLease(k.ctx, "catalog", 2*time.Minute)
		k.ok(err)
		calls := len(k.giftz.Calls()) + len(k.click.Calls())
		k.ok(other.RefreshCatalog(k.ctx))
		if !held || len(k.giftz.Calls())+len(k.click.Calls()) != calls {
			t.Error("two processes read the lists")
		}
		k.ok(k.store.DropLease(k.ctx, "catalog"))
		if held, err = k.store.TakeLease(k.ctx, "catalog", catalogLease); err != nil || !held { // and dies
			t.Fatalf("%v, %v", held, err)
		}
		k.target.Add((catalogLease - 5*time.Second).Milliseconds())
		k.ok(other.RefreshCatalog(k.ctx))
		if n := len(k.giftz.Calls()) + len(k.click.Calls()); n != calls {
			t.Errorf("%d calls while another process has the duty", n-calls)
		}
		k.target.Add((6 * time.Second).Milliseconds())
		k.ok(other.RefreshCatalog(k.ctx))
		if n := len(k.giftz.Calls()) + len(k.click.Calls()); n == calls || catalogLease > time.Minute {
			t.Error("a process that died holds up the next refresh for more than a minute")
		}
	})
}

// TestOpenFamily: an opened family is read at most once a minute, however many look at it.
func TestOpenFamily(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		family := k.codes()["ocgift PSN Germany"]
		k.pass(2 * time.Minute)
		calls := len(k.click.Calls())
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if f, err := k.shop.Family(k.ctx, family); err != nil || len(f.Lines) != 3 || f.From != 3035_00 || !f.InStock {
					t.Errorf("%+v, %v", f, err)
				}
			})
		}
		wg.Wait()
		k.pass(50 * time.Second)
		_, err := k.shop.Family(k.ctx, family)
		k.ok(err)
		if n := len(k.click.Calls()) - calls; n < 1 || n > 3 {
			t.Errorf("%d calls", n)
		}
		// Prices are those of the supplier after a minute, and the last known ones while it is silent.
		k.click.SetPrice("61260000000a000100010001", 100_00)
		k.pass(11 * time.Second)
		f, err := k.shop.Family(k.ctx, family)
		k.ok(err)
		if f.From != 105_00 || f.Lines[0].Max() != 50 || f.Lines[len(f.Lines)-1].Max() != 0 {
			t.Errorf("%+v", f)
		}
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: "*"}))
		k.pass(2 * time.Minute)
		if f, err = k.shop.Family(k.ctx, family); err != nil || f.From != 105_00 {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

func TestCheckAccount(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		a, err := k.shop.CheckAccount(k.ctx, k.line(adsl), "021000000")
		if err != nil || a.Holder != "****0000" || a.Plan != "IDOOM ADSL" || a.Kind != providers.ADSL {
			t.Errorf("%+v, %v", a, err)
		}
		for _, bad := range []string{"021000099", "0210", "213660000000", "0210000000000", "not a number", ""} {
			_, err := k.shop.CheckAccount(k.ctx, k.line(adsl), bad)
			k.is(err, ErrBadAccount)
		}
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.HTML502, Path: "check-number"}))
		_, err = k.shop.CheckAccount(k.ctx, k.line(fourG), "213660000000")
		k.is(err, ErrUnavailable)
		if strings.Contains(err.Error(), "213660000000") {
			t.Error("the error names the number")
		}
		a, err = k.shop.CheckAccount(k.ctx, k.line(grab), "anything") // a supplier without line numbers has nothing to check
		if err != nil || a.Number != "anything" {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// TestSharedFirstStart: processes that start together on an empty Redis have the same keys.
func TestSharedFirstStart(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.raw.Del(k.ctx, k.key("ring")).Err())
		tokens := make([]string, 8)
		var wg sync.WaitGroup
		for i := range tokens {
			wg.Go(func() {
				r, err := k.ring(k.store, "sandbox", k.name, master)
				if err != nil {
					t.Error(err)
					return
				}
				tokens[i] = r.Token("t") + r.Pseudonym(1) + string(r.Fingerprint("c")) + string(r.auditMAC) + string(r.Public())
			})
		}
		wg.Wait()
		for _, other := range tokens[1:] {
			if other != tokens[0] {
				t.Fatal("two processes have keys of their own")
			}
		}
	})
}
