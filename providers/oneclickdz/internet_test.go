package oneclickdz

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/oneclickdz/sandbox"

	"github.com/google/go-cmp/cmp"
)

func TestInternetCatalog(t *testing.T) {
	for name, style := range map[string]sandbox.Style{"reference": {}, "arabic guide": {BareProducts: true, NumberText: true}} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.sim.Speak(style)
			lines, err := b.net.Catalog(t.Context())
			if err != nil || len(lines) != 8 {
				t.Fatalf("%d lines, error %v; want 8", len(lines), err)
			}
			want := providers.Product{
				SKU: "ADSL:500", Family: "ADSL", Title: "Algérie Télécom ADSL", Name: "ADSL 500 DA", Category: "Internet", Region: "algeria",
				Kind: providers.InternetCard, Account: providers.ADSL, Face: providers.Money{Minor: 500_00, Currency: currency},
				Cost: providers.Money{Minor: 487_50, Currency: currency}, Stock: providers.StockUnknown, Max: 1,
			}
			if diff := cmp.Diff(want, lines[0]); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
			at := slices.IndexFunc(lines, func(p providers.Product) bool { return p.SKU == "4G:1500" })
			if at < 0 || lines[at].Stock != 0 || lines[at].Account != providers.FourG {
				t.Errorf("the line that is not available: %+v", lines)
			}
		})
	}
}

func TestCheckAccount(t *testing.T) {
	for name, c := range map[string]struct {
		kind   providers.AccountKind
		number string
		want   providers.Account
		calls  int
	}{
		"adsl":             {providers.ADSL, sandbox.KnownADSL, providers.Account{Number: "021000000", Kind: providers.ADSL, Holder: "****0000", Plan: "IDOOM ADSL"}, 1},
		"4G without plan":  {providers.FourG, sandbox.KnownFourG, providers.Account{Number: "213660000000", Kind: providers.FourG, Holder: "****0000"}, 1},
		"unknown line":     {providers.ADSL, "021000099", providers.Account{}, 1},
		"too short":        {providers.ADSL, "02100000", providers.Account{}, 0},
		"plus":             {providers.FourG, "+21366000000", providers.Account{}, 0},
		"4G as ADSL":       {providers.ADSL, sandbox.KnownFourG, providers.Account{}, 0},
		"letters":          {providers.ADSL, "0210000a0", providers.Account{}, 0},
		"kind of no line":  {providers.NoAccount, sandbox.KnownADSL, providers.Account{}, 0},
		"digits of Arabic": {providers.ADSL, "٠٢١٠٠٠٠٠٠", providers.Account{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{400, 200, 422} {
				b := open(t)
				b.sim.Speak(sandbox.Style{PhoneStatus: status})
				got, err := b.net.CheckAccount(t.Context(), c.kind, c.number)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("account (-want +got):\n%s", diff)
				}
				certain := status != 422 || c.calls == 0
				if bad := c.want.Number == ""; bad && certain != refusedWith(err, providers.BadAccount) || bad != (err != nil) {
					t.Errorf("status %d: error %v", status, err)
				}
				if n := len(b.sim.Calls()); n != c.calls {
					t.Errorf("%d calls, want %d", n, c.calls)
				}
			}
		})
	}
	b := open(t)
	b.trouble(t, sandbox.Trouble{Fault: sandbox.ErrorAfter, Path: "check-number"})
	if _, err := b.net.CheckAccount(t.Context(), providers.ADSL, sandbox.KnownADSL); err == nil || refusedWith(err, providers.BadAccount) {
		t.Errorf("a failing operator: %v, want an error that says nothing of the number", err)
	}
}

func TestTopupDeliversAllThree(t *testing.T) {
	b := open(t)
	p := b.buyNet(sandbox.KnownADSL)
	f, err := b.net.Place(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Handle, p.Memo = f.Handle, f.Memo
	b.clock.Advance(sandbox.DefaultDelay)
	f, err = b.net.Resolve(t.Context(), p)
	if err != nil || f.State != providers.Fulfilled || len(f.Cards) != 1 {
		t.Fatalf("state %q, %d cards, error %v", f.State, len(f.Cards), err)
	}
	card := f.Cards[0]
	if card.Code.Expose() != b.sim.Sold()[0].Codes[0] {
		t.Error("the code is not the one that was sold")
	}
	facts := map[string]string{}
	for _, fact := range card.Facts {
		facts[fact.Label] = fact.Value
	}
	if !strings.HasPrefix(facts[providers.FactTransaction], "AT-2030-") || facts[providers.FactProcessed] != "2030-03-04T10:00:02.000Z" {
		t.Errorf("facts %v", facts)
	}
}

func TestTopupOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		number  string
		trouble sandbox.Fault
		first   providers.State
		slow    bool
		last    providers.State
		fault   providers.Fault
	}{
		"ordinary":            {number: sandbox.KnownADSL, first: providers.Fulfilled, last: providers.Fulfilled},
		"refunded":            {number: "021000088", first: providers.Refunded, last: providers.Refunded},
		"queued":              {number: "021000077", first: providers.Pending, slow: true, last: providers.Fulfilled},
		"queued, then refund": {number: sandbox.KnownADSL, trouble: sandbox.QueuedRefund, first: providers.Pending, slow: true, last: providers.Refunded},
		"without code":        {number: sandbox.KnownADSL, trouble: sandbox.MissingCode, first: providers.Fulfilled, last: providers.Fulfilled, fault: providers.MissingKey},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			if c.trouble != "" {
				b.trouble(t, sandbox.Trouble{Fault: c.trouble, Times: 1})
			}
			p := b.buyNet(c.number)
			f, err := b.net.Place(t.Context(), p)
			if err != nil || f.State != providers.Pending {
				t.Fatalf("place: state %q, error %v", f.State, err)
			}
			p.Handle = f.Handle
			b.clock.Advance(sandbox.DefaultDelay)
			f, err = b.net.Resolve(t.Context(), p)
			if err != nil || f.State != c.first || f.Slow != c.slow {
				t.Fatalf("state %q, slow %v, error %v; want %+v", f.State, f.Slow, err, c)
			}
			b.clock.Advance(25 * time.Hour)
			f, err = b.net.Resolve(t.Context(), p)
			if err != nil || f.State != c.last || f.Fault != c.fault || f.Slow || (f.Fault != providers.NoFault) == f.Raw.Empty() {
				t.Fatalf("later: state %q, fault %q, error %v; want %+v", f.State, f.Fault, err, c)
			}
		})
	}
}

func TestInternetPlaceRefusesBeforeAnyCall(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*providers.Placement)
		want   providers.Reason
	}{
		"two":            {func(p *providers.Placement) { p.Quantity = 2 }, providers.Misused},
		"no ref":         {func(p *providers.Placement) { p.Ref = "" }, providers.Misused},
		"long ref":       {func(p *providers.Placement) { p.Ref = strings.Repeat("r", 101) }, providers.Misused},
		"unknown kind":   {func(p *providers.Placement) { p.SKU = "VDSL:500" }, providers.Misused},
		"value spelling": {func(p *providers.Placement) { p.SKU = "ADSL:1e3" }, providers.Misused},
		"other kind":     {func(p *providers.Placement) { p.Kind = providers.FourG }, providers.Misused},
		"no number":      {func(p *providers.Placement) { p.Account = "" }, providers.BadAccount},
		"4G number":      {func(p *providers.Placement) { p.Account = sandbox.KnownFourG }, providers.BadAccount},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			p := b.buyNet(sandbox.KnownADSL)
			c.change(&p)
			if _, err := b.net.Place(t.Context(), p); !refusedWith(err, c.want) || len(b.sim.Calls()) != 0 {
				t.Errorf("got %v after %d calls, want %s without any", err, len(b.sim.Calls()), c.want)
			}
		})
	}
}
