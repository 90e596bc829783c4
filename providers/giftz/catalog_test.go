package giftz

import (
	"testing"

	"cardrop/providers"
	"cardrop/providers/giftz/sandbox"
)

const listing = "get-available-vouchers"

// A catalog that cannot be read is an error, with a refusal in it where the supplier rejects us; 202 is an empty one.
func TestCatalogAnswers(t *testing.T) {
	for _, c := range []struct {
		fault  sandbox.Fault
		reason providers.Reason // of the refusal in Catalog's error
		quote  providers.Reason // of the refusal in Quote's error
		empty  bool
	}{
		{fault: sandbox.Blocked, reason: providers.Blocked, quote: providers.Blocked},
		{fault: sandbox.Invalid, reason: providers.Misused, quote: providers.Misused},
		{fault: sandbox.OutOfStock, quote: providers.OutOfStock, empty: true},
		{fault: sandbox.OutOfFunds}, {fault: sandbox.HTML502}, {fault: sandbox.CutJSON}, {fault: sandbox.LostAfter}, {fault: sandbox.Down},
	} {
		b := open(t)
		b.trouble(t, sandbox.Trouble{Fault: c.fault, Path: listing})
		list, err := b.Catalog(t.Context())
		if reason, _ := providers.Refused(err); reason != c.reason || (err == nil) != c.empty || len(list) != 0 {
			t.Errorf("%s: %d lines, error %v; want reason %q", c.fault, len(list), err, c.reason)
		}
		_, err = b.Quote(t.Context(), grab)
		if reason, _ := providers.Refused(err); err == nil || reason != c.quote {
			t.Errorf("%s: quote gave %v, want reason %q", c.fault, err, c.quote)
		}
	}
}

func TestCatalogIsHostile(t *testing.T) {
	b := open(t)
	b.trouble(t, sandbox.Trouble{Fault: sandbox.Hostile, Path: listing})
	for i := range 20 {
		if list, err := b.Catalog(t.Context()); len(list) != 0 {
			t.Errorf("answer %d gave %d lines, error %v", i, len(list), err)
		}
	}
}

// A line that left the catalog is refused, but stays known to purchases in doubt.
func TestLineThatIsSoldOutHasNoQuote(t *testing.T) {
	b := open(t)
	if offer, err := b.Quote(t.Context(), grab); err != nil || offer.Cost.Minor != 20_000 || offer.Stock != providers.StockUnknown {
		t.Fatalf("offer %+v, error %v", offer, err)
	}
	b.sim.SetStock(grab, 0)
	_, err := b.Quote(t.Context(), grab)
	wantRefusal(t, err, providers.OutOfStock)
	if _, known := b.fieldsOf(grab); !known {
		t.Error("the fields of a line that left the catalog are forgotten")
	}
}

func TestRememberHasALimit(t *testing.T) {
	c := &Client{announced: map[string]fields{}}
	for i := range maxAnnounced {
		c.announced[string(rune(i))] = fields{}
	}
	c.remember(map[string]fields{grab: {secure: []string{keyCode}}})
	if _, known := c.fieldsOf(grab); !known || len(c.announced) != 1 {
		t.Errorf("%d lines are kept, want the last catalog's", len(c.announced))
	}
}

func TestPlacementWithoutRefOrLine(t *testing.T) {
	for _, bend := range []func(*providers.Placement){
		func(p *providers.Placement) { p.Ref = "" }, func(p *providers.Placement) { p.SKU = "" },
	} {
		b := open(t)
		p := b.buy(1)
		bend(&p)
		_, err := b.Place(t.Context(), p)
		wantRefusal(t, err, providers.Misused)
		if n := len(b.sim.Calls()); n != 0 {
			t.Errorf("%d calls were made", n)
		}
	}
}
