package giftz

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/giftz/sandbox"

	"github.com/google/go-cmp/cmp"
)

func wantRefusal(t *testing.T, err error, want providers.Reason) {
	t.Helper()
	if reason, no := providers.Refused(err); !no || reason != want {
		t.Errorf("got %v, want a refusal with %q", err, want)
	}
}

func TestNewNamesEveryBadOption(t *testing.T) {
	_, err := New(Options{BaseURL: "http://evoucher.giftz.vn/api/v1", PriceIs: "guess"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"user name", "secure key", "password", "price", "https"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not speak of the %s: %v", part, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		length, warnings int
	}{{8, 1}, {31, 1}, {32, 0}, {33, 1}} {
		client, err := New(Options{
			UserName: testUser, SecureKey: providers.NewSecret(testKey), BaseURL: "https://evoucher.giftz.vn/api/v1",
			Password: providers.NewSecret(strings.Repeat("p", c.length)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := client.Warnings(); len(got) != c.warnings {
			t.Errorf("password of %d bytes: warnings %q, want %d", c.length, got, c.warnings)
		}
	}
}

func TestQuantityOutsideIsRefusedBeforeAnyCall(t *testing.T) {
	b := open(t)
	for _, n := range []int{-1, 0, 11, 1000} {
		_, err := b.Place(t.Context(), b.buy(n))
		wantRefusal(t, err, providers.Misused)
	}
	if calls := b.sim.Calls(); len(calls) != 0 {
		t.Errorf("%d calls were made", len(calls))
	}
	for _, n := range []int{1, 10} {
		f, err := b.Place(t.Context(), b.buy(n))
		if err != nil || f.Fault != providers.NoFault || len(f.Cards) != n {
			t.Errorf("quantity %d: %d cards, fault %q, error %v", n, len(f.Cards), f.Fault, err)
		}
	}
}

// Every spelling the documents print, or leave open, gives the same cards.
func TestSpellings(t *testing.T) {
	for _, style := range []sandbox.Style{
		{}, {SandboxNames: true}, {CustomObject: true}, {TextCodes: true}, {NumberCodes: true}, {ErrorStatus: http.StatusBadRequest},
		{SandboxNames: true, CustomObject: true, NumberCodes: true, ErrorStatus: http.StatusConflict},
	} {
		b := open(t)
		b.sim.Speak(style)
		p := b.buy(2)
		first, err := b.Place(t.Context(), p)
		if err != nil || first.Fault != providers.NoFault {
			t.Fatalf("%+v: fault %q, error %v", style, first.Fault, err)
		}
		again, err := b.Place(t.Context(), p)
		if err != nil || again.Fault != providers.NoFault {
			t.Fatalf("%+v, replay: fault %q, error %v", style, again.Fault, err)
		}
		if diff := cmp.Diff(plain(first.Cards), plain(again.Cards)); diff != "" {
			t.Errorf("%+v: replay differs:\n%s", style, diff)
		}
		labels := []string{}
		for _, e := range first.Cards[0].Extras {
			labels = append(labels, e.Label)
		}
		if diff := cmp.Diff([]string{"valid_date", "url"}, labels); diff != "" {
			t.Errorf("%+v: extras (-want +got):\n%s", style, diff)
		}
		if first.Cards[0].Code.Empty() || first.Cards[0].Serial.Empty() {
			t.Errorf("%+v: code or serial is empty", style)
		}
	}
}

// plain is the text of cards, for comparing.
func plain(cards []providers.Card) [][]string {
	var list [][]string
	for _, c := range cards {
		one := []string{c.Code.Expose(), c.Serial.Expose()}
		for _, e := range c.Extras {
			one = append(one, e.Label+"="+e.Value.Expose())
		}
		list = append(list, one)
	}
	return list
}

func TestFirstAnswers(t *testing.T) {
	for _, c := range []struct {
		fault  sandbox.Fault
		reason providers.Reason
		found  providers.Fault
		cards  int
	}{
		{fault: sandbox.OutOfStock, reason: providers.OutOfStock},
		{fault: sandbox.OutOfFunds, reason: providers.NoFunds},
		{fault: sandbox.Blocked, reason: providers.Blocked},
		{fault: sandbox.Invalid, reason: providers.Misused},
		{fault: sandbox.WrongCount, found: providers.WrongCount, cards: 1},
		{fault: sandbox.PartialFill, found: providers.WrongCount, cards: 1},
		{fault: sandbox.MissingField, found: providers.MissingKey, cards: 2},
		{fault: sandbox.OtherLine, found: providers.WrongLine, cards: 2},
		{fault: sandbox.WrongPassword, found: providers.Unreadable},
	} {
		b := open(t)
		b.trouble(t, sandbox.Trouble{Fault: c.fault, Times: 1})
		f, err := b.Place(t.Context(), b.buy(2))
		if c.reason != "" {
			wantRefusal(t, err, c.reason)
			continue
		}
		if err != nil || f.State != providers.Fulfilled || f.Fault != c.found || len(f.Cards) != c.cards {
			t.Errorf("%s: state %q, fault %q, %d cards, error %v; want fault %q and %d cards", c.fault, f.State, f.Fault, len(f.Cards), err, c.found, c.cards)
		}
		if !strings.Contains(f.Raw.Expose(), `"vouchers"`) {
			t.Errorf("%s: the raw answer is not kept", c.fault)
		}
	}
}

func TestSandboxTriggers(t *testing.T) {
	const prefix = "t198aos7yt1"
	for code, reason := range map[string]providers.Reason{
		"200": "", "102": "", "202": providers.OutOfStock, "100": providers.NoFunds, "106": providers.Misused, "108": providers.Blocked,
	} {
		b := open(t)
		p := b.buy(3)
		p.Ref = prefix + code
		f, err := b.Place(t.Context(), p)
		if reason != "" {
			wantRefusal(t, err, reason)
		} else if err != nil || len(f.Cards) != 3 || f.Fault != providers.NoFault {
			t.Errorf("%s: %d cards, fault %q, error %v", code, len(f.Cards), f.Fault, err)
		}
	}
}

func TestTooManyRequestsTellsHowLong(t *testing.T) {
	b := open(t)
	b.trouble(t, sandbox.Trouble{Fault: sandbox.TooMany, Times: 1})
	_, err := b.Place(t.Context(), b.buy(1))
	var no *providers.Refusal
	if !errors.As(err, &no) || no.Reason != providers.Busy || no.After != 7*time.Second {
		t.Errorf("got %+v, want busy for 7 s", no)
	}
}

// An answer that could not be decrypted is read whole once the password is right.
func TestReparseWithTheRightPassword(t *testing.T) {
	b := open(t)
	wrong, err := New(Options{
		UserName: testUser, SecureKey: providers.NewSecret(testKey), Password: providers.NewSecret("wrong-password-number-0000000000"),
		BaseURL: b.server.URL, Now: b.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	sealedAnswer, err := wrong.Place(t.Context(), b.buy(2))
	if err != nil || sealedAnswer.Fault != providers.Unreadable {
		t.Fatalf("fault %q, error %v; want unreadable", sealedAnswer.Fault, err)
	}
	f, err := b.Reparse(sealedAnswer.Raw)
	if err != nil || f.Fault != providers.NoFault {
		t.Fatalf("fault %q, error %v", f.Fault, err)
	}
	var got []string
	for _, c := range f.Cards {
		got = append(got, c.Code.Expose())
	}
	if diff := cmp.Diff(b.sim.Sold()[0].Codes, got); diff != "" {
		t.Errorf("codes (-sold +got):\n%s", diff)
	}
	for _, raw := range []string{"", "{}", `{"errors":{"code":100}}`, `{"errors":{"code":102}}`} {
		if f, err := b.Reparse(providers.NewSecret(raw)); err == nil {
			t.Errorf("reparse of %q: got %d cards, want an error", raw, len(f.Cards))
		}
	}
}

// A catalog that cannot be read costs the check of announced fields, never the purchase.
func TestPlaceWithoutCatalog(t *testing.T) {
	b := open(t)
	b.trouble(t, sandbox.Trouble{Fault: sandbox.HTML502, Path: "get-available-vouchers"})
	b.trouble(t, sandbox.Trouble{Fault: sandbox.MissingField, Times: 1})
	f, err := b.Place(t.Context(), b.buy(1))
	if err != nil || f.Fault != providers.NoFault || len(f.Cards) != 1 {
		t.Errorf("fault %q, %d cards, error %v; want a card", f.Fault, len(f.Cards), err)
	}
}

func TestCatalogReadOnceForItsFields(t *testing.T) {
	b := open(t)
	for range 3 {
		if _, err := b.Place(t.Context(), b.buy(1)); err != nil {
			t.Fatal(err)
		}
	}
	reads := 0
	for _, c := range b.sim.Calls() {
		if c.Path == "get-available-vouchers" {
			reads++
		}
	}
	if reads != 1 {
		t.Errorf("the catalog was read %d times, want once", reads)
	}
}

// No redirect carries a purchase elsewhere.
func TestRedirectIsUnclear(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	s := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	c, err := New(Options{
		UserName: testUser, SecureKey: providers.NewSecret(testKey), Password: providers.NewSecret(testPassword), BaseURL: s.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Place(t.Context(), providers.Placement{Ref: "r", SKU: grab, Quantity: 1})
	if !errors.Is(err, providers.ErrUnknown) || elsewhere.Load() != 0 {
		t.Errorf("error %v, %d requests followed the redirect", err, elsewhere.Load())
	}
}

func TestPriceIsFace(t *testing.T) {
	for _, c := range []struct {
		is   PriceIs
		face providers.Money
	}{{PriceIsCost, providers.Money{}}, {PriceIsFace, providers.Money{Minor: 20_000, Currency: currency}}} {
		b := open(t)
		b.o.PriceIs = c.is
		list, err := b.Catalog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(list, func(p providers.Product) bool { return p.SKU == grab })
		want := providers.Product{
			SKU: grab, Family: "Grab", Title: "Grab", Name: "Grab 20.000đ", Category: "Grab", Region: region, Kind: providers.Voucher,
			Face: c.face, Cost: providers.Money{Minor: 20_000, Currency: currency}, Stock: providers.StockUnknown, Max: 10, Desc: "Grab ride or food",
		}
		if diff := cmp.Diff(want, list[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.is, diff)
		}
	}
}
