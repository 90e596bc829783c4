package checkout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// tiki is a voucher that is the only line of its family.
const tiki = "A0001"

// says says something of a product as an admin.
func (k *kit) says(code string, t Trait, language, value string) {
	k.t.Helper()
	k.ok(k.shop.SetTrait(k.ctx, admin, code, t, language, value))
}

// TestTraitsFit holds what can be said of a product, and that everything else changes nothing.
func TestTraitsFit(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		line := k.line(grab)
		family := k.shop.familyOf(line)
		for _, c := range []struct {
			code     string
			trait    Trait
			language string
			value    string
			want     error
		}{
			{line, TraitName, "fr", "Carte Grab", nil}, {line, TraitName, "", strings.Repeat("n", 60), nil},
			{line, TraitName, "fr", strings.Repeat("n", 61), ErrTrait}, {line, TraitName, "fr", "two\nlines", ErrTrait},
			{line, TraitName, "fr", " blank", ErrTrait}, {line, TraitName, "fr", "a\u202eb", ErrTrait}, {line, TraitName, "FR!", "x", ErrTrait},
			{line, TraitHow, "ar", "سطر\nسطر", nil}, {line, TraitHow, "", strings.Repeat("h", 601), ErrTrait}, {line, TraitHow, "", " \n", ErrTrait},
			{line, TraitHow, "", "bell\a", ErrTrait}, {line, TraitHidden, "", "yes", ErrTrait}, {line, TraitHidden, "fr", "1", ErrTrait},
			{line, TraitStock, "", StockFew, nil}, {line, TraitStock, "", "some", ErrTrait}, {line, TraitWords, "en", "At once", nil},
			{line, TraitLife, "", "10", nil}, {line, TraitLife, "", "600", nil}, {line, TraitLife, "", "9", ErrTrait}, {line, TraitLife, "", "601", ErrTrait},
			{line, TraitLife, "", "1m", ErrTrait}, {line, TraitCategory, "", "Games", ErrTrait}, {line, TraitPicture, "", "photo-7", ErrTrait},
			{family, TraitCategory, "", "Jeux & cartes", nil}, {family, TraitCategory, "", strings.Repeat("c", 41), ErrTrait},
			{family, TraitPicture, "", "AgACAgQAAxk-_9", nil}, {family, TraitPicture, "", "http://x", ErrTrait},
			{"NO-SUCH", TraitName, "fr", "x", ErrNotFound}, {line, Trait("price"), "", "1", ErrTrait},
		} {
			before, err := k.store.Arrangement(k.ctx)
			k.ok(err)
			err = k.shop.SetTrait(k.ctx, admin, c.code, c.trait, c.language, c.value)
			after, readErr := k.store.Arrangement(k.ctx)
			k.ok(readErr)
			if c.want == nil {
				k.ok(err)
			} else {
				k.is(err, c.want)
			}
			if changed := !cmp.Equal(before, after); changed != (c.want == nil) {
				t.Errorf("%s %s %q: %v, changed: %v", c.trait, c.language, c.value, err, changed)
			}
		}
	})
}

// TestTraitsHoldEverywhere holds that what is said of a product holds at once in every process, by language, the line's before its family's,
// and can be taken back.
func TestTraitsHoldEverywhere(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		line := k.line(grab)
		family := k.shop.familyOf(line)
		other, err := New(k.options)
		k.ok(err)
		_, err = other.Families(k.ctx) // its copy is fresh
		k.ok(err)
		k.says(family, TraitName, "", "Rides")
		k.says(family, TraitName, "fr", "Courses")
		k.says(family, TraitCategory, "", "Transport")
		k.says(family, TraitPicture, "", "photo-7")
		k.says(family, TraitStock, "", StockNever)
		k.says(line, TraitName, "fr", "Vingt mille")
		k.says(line, TraitWords, "fr", "Tout de suite")
		for language, want := range map[string][4]string{"fr": {"Courses", "Vingt mille", "Tout de suite", StockNever}, "en": {"Rides", "Grab 20.000đ", "", StockNever}} {
			ctx := For(k.ctx, Customer{Language: language})
			f, err := other.Family(ctx, family)
			k.ok(err)
			l, err := other.Line(ctx, line)
			k.ok(err)
			if got := [4]string{f.Title, l.Product.Name, l.Words, l.Stock}; got != want || l.Product.Title != f.Title || f.Category != "Transport" || f.Picture != "photo-7" ||
				!strings.Contains(f.Words, "Courses") || !strings.Contains(f.Words, "Grab") {
				t.Errorf("%s: %v, want %v: %+v", language, got, want, f)
			}
		}
		k.says(line, TraitStock, "", StockFew)
		l, err := other.Line(For(k.ctx, Customer{Language: "fr"}), line)
		k.ok(err)
		if l.Words != "" || l.Stock != StockFew {
			t.Errorf("own words stand before the count that was chosen: %q %q", l.Words, l.Stock)
		}
		for _, what := range []Trait{TraitName, TraitCategory, TraitPicture, TraitStock} {
			k.says(family, what, "", "")
		}
		k.says(family, TraitName, "fr", "")
		f, err := other.Family(For(k.ctx, Customer{Language: "fr"}), family)
		k.ok(err)
		if f.Title != "Grab" || f.Category != "Grab" || f.Picture != "" {
			t.Errorf("what was said was not taken back: %+v", f)
		}
	})
}

// TestOwnCategoryPrices holds that a product keeps its price in another category, unless that one has a rule of its own.
func TestOwnCategoryPrices(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		family := k.shop.familyOf(k.line(grab))
		price := func() int64 {
			l, err := k.shop.Line(k.ctx, k.line(grab))
			k.ok(err)
			return l.Price
		}
		k.ok(k.shop.SetRule(k.ctx, admin, Scope{Category: "grab"}, &Rule{Percent: rat("0"), Fixed: 50_00}))
		before := price()
		k.says(family, TraitCategory, "", "Rides")
		if price() != before {
			t.Errorf("moved to another category it costs %d instead of %d", price(), before)
		}
		k.ok(k.shop.SetRule(k.ctx, admin, Scope{Category: "rides"}, &Rule{Percent: rat("0"), Fixed: 90_00}))
		if price() != before+40_00 {
			t.Errorf("the rule of its category does not hold: %d", price())
		}
		if r, ok, err := k.shop.RuleFor(k.ctx, family); err != nil || !ok || r.Scope.Category != "rides" {
			t.Errorf("the rule is said to be %+v, %v, %v", r, ok, err)
		}
		_, categories, err := k.shop.Scopes(k.ctx)
		k.ok(err)
		if !slices.Contains(categories, "rides") {
			t.Errorf("no rule can name it: %v", categories)
		}
	})
}

// TestHiddenSellsNothing holds that a hidden line, or one of a hidden family, is sold on no road and in no process, not even behind a confirm
// screen that was drawn before; that an order which is open is finished; and that those who run the shop still meet it.
func TestHiddenSellsNothing(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		for _, above := range []bool{false, true} {
			line := k.line(grab)
			code := line
			if above {
				code = k.shop.familyOf(line)
			}
			other, err := New(k.options)
			k.ok(err)
			_, err = other.Families(k.ctx)
			k.ok(err)
			open, confirmed := k.buy(amine, grab, 1), k.basket(amine, grab, 1)
			left := k.wallet(amine)
			k.says(code, TraitHidden, "", "1")
			for _, s := range []*Shop{k.shop, other} {
				_, err = s.Line(k.ctx, line)
				k.is(err, ErrHidden)
				_, err = s.Quote(k.ctx, confirmed)
				k.is(err, ErrHidden)
				_, err = s.Buy(k.ctx, confirmed)
				k.is(err, ErrHidden)
				known, err := s.Known(k.ctx, []string{line})
				k.ok(err)
				all, err := s.Families(k.ctx)
				k.ok(err)
				if len(known) > 0 || slices.ContainsFunc(all, func(f Family) bool {
					return slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Code == line })
				}) {
					t.Error("a hidden line is listed")
				}
				f, err := s.Family(For(k.ctx, Customer{Hidden: true}), k.shop.familyOf(line))
				if err != nil || !slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Code == line && l.Hidden }) {
					t.Errorf("those who run the shop do not meet it: %v", err)
				}
			}
			_, err = k.shop.Family(k.ctx, k.shop.familyOf(line))
			if above {
				k.is(err, ErrHidden)
			} else {
				k.ok(err) // it has other lines
			}
			k.state(k.run(open.ID, 5*time.Second, time.Minute), store.Fulfilled)
			k.balance(amine, left)
			k.says(code, TraitHidden, "", "")
			_, err = other.Buy(k.ctx, confirmed)
			k.ok(err)
			k.state(k.run(confirmed.ID, 5*time.Second, time.Minute), store.Fulfilled)
		}
		family := k.shop.familyOf(k.line(tiki))
		k.says(k.line(tiki), TraitHidden, "", "1")
		_, err := k.shop.Family(k.ctx, family) // its only line
		k.is(err, ErrHidden)
	})
}

// TestOrdersOutliveTheirProduct: an order is finished, shown, shown again, allowed one more showing and refunded as it was sold, after its
// product was hidden, named otherwise, or is no longer listed by its supplier.
func TestOrdersOutliveTheirProduct(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		ends := map[string]func(line, family string){
			"hidden":  func(line, _ string) { k.says(line, TraitHidden, "", "1") },
			"renamed": func(_, family string) { k.says(family, TraitName, "", "Something else") },
			"delisted": func(line, _ string) {
				k.giftz.SetStock(tiki, 0)
				k.pass(11 * time.Minute)
				k.ok(k.shop.RefreshCatalog(k.ctx))
				_, err := k.shop.Line(k.ctx, line)
				k.is(err, ErrNotFound)
				k.giftz.SetStock(tiki, 10) // sold to whoever still knows its key
			},
		}
		for _, end := range []string{"hidden", "renamed", "delisted"} {
			line := k.line(tiki)
			shown, token := k.ready(amine, tiki, 1)
			open := k.buy(amine, tiki, 1)
			ends[end](line, k.shop.familyOf(line))
			k.state(k.run(open.ID, 5*time.Second, time.Minute), store.Fulfilled)
			k.has(k.order(open.ID))
			snap, err := SnapshotOf(k.order(open.ID))
			k.ok(err)
			if snap.Title != "Tiki" || snap.Line != line {
				t.Errorf("%s: the order tells %q, %q", end, snap.Title, snap.Line)
			}
			k.ok(k.reveal(shown, token, amine))
			if title := k.onScreen(shown).to.Title; !strings.Contains(title, "Tiki") {
				t.Errorf("%s: the card is shown as %q", end, title)
			}
			_, err = k.shop.Extend(k.ctx, shown.ID, amine)
			k.ok(err)
			for range k.options.RevealLimit - 1 {
				k.pass(11 * time.Minute)
				k.ok(k.shop.Sweep(k.ctx))
				token, err = k.shop.Again(k.ctx, shown.ID, amine)
				k.ok(err)
				k.ok(k.reveal(shown, token, amine))
			}
			k.pass(11 * time.Minute)
			k.ok(k.shop.Sweep(k.ctx))
			k.ok(k.shop.Reissue(k.ctx, admin, shown.ID))
			before := k.wallet(amine)
			_, err = k.shop.Refund(k.ctx, admin, open.ID, 0, Refunding{Note: "test", Ref: "r" + end})
			k.ok(err)
			k.balance(amine, before+open.Total)
			entries, err := k.shop.Statement(k.ctx, amine, 3)
			k.ok(err)
			if len(entries) != 3 {
				t.Errorf("%s: the statement has %d lines", end, len(entries))
			}
			k.says(line, TraitHidden, "", "")
			k.says(k.shop.familyOf(line), TraitName, "", "")
		}
	})
}

// TestOwnWordsWithACard holds that instructions and life of a product reach the message with the code, also in a process that has just
// begun; a file keeps its own life, and a life of before is cut to the present settings.
func TestOwnWordsWithACard(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		line := k.line(grab)
		k.says(k.shop.familyOf(line), TraitHow, "", "Tap Payment.")
		k.says(line, TraitHow, "fr", "Touchez Paiement.")
		k.says(line, TraitLife, "", "300")
		o := k.bought(amine, grab, 2)
		for _, c := range []struct {
			language, how string
			file          bool
			change        func(*Options)
			life          time.Duration
		}{
			{"fr", "Touchez Paiement.", false, func(*Options) {}, 5 * time.Minute},
			{"en", "Tap Payment.", false, func(*Options) {}, 5 * time.Minute},
			{"en", "Tap Payment.", true, func(*Options) {}, 10 * time.Minute},
			{"en", "Tap Payment.", false, func(o *Options) { o.MessageTTL, o.InternetTTL, o.FileTTL = time.Minute, time.Minute, 2*time.Minute }, 2 * time.Minute},
		} {
			options := k.options
			c.change(&options)
			fresh, err := New(options)
			k.ok(err)
			snap, err := SnapshotOf(o)
			k.ok(err)
			p := fresh.parcel(k.ctx, o, snap, k.vault(o), Buyer{User: amine, Chat: amine, Language: c.language}, Route{File: c.file})
			if p.How != c.how || p.Life != c.life {
				t.Errorf("%s, file %v: %q for %s, want %q for %s", c.language, c.file, p.How, p.Life, c.how, c.life)
			}
		}
	})
}
