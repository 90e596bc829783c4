package flows

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

func parcel(kind providers.Kind, cards ...providers.Card) checkout.Parcel {
	return checkout.Parcel{
		Recipient: checkout.Recipient{
			Order: "K7M29QXW", Title: "PSN Germany 10 €", Chat: 1001, Language: "en", Cards: len(cards), Life: time.Minute,
		},
		Kind: kind, Cards: cards, Until: time.Date(2030, time.March, 4, 12, 0, 0, 0, time.UTC), Extend: true,
	}
}

func secretCard(n int) providers.Card {
	return providers.Card{
		Code: providers.NewSecret(fmt.Sprintf("CÖDE-😀-%d", n)), Serial: providers.NewSecret(fmt.Sprintf("SER-%d", n)),
		Extras: []providers.Field{{Label: providers.LabelURL, Value: providers.NewSecret("https://example.test/x")}},
	}
}

// TestThreat10SpoilersCoverSecrets holds that every secret is under a spoiler of exactly its own UTF-16 units, and nothing else is.
func TestThreat10SpoilersCoverSecrets(t *testing.T) {
	w := openWords(t)
	p := parcel(providers.GiftCard, secretCard(1), secretCard(2))
	for _, language := range w.Languages() {
		p.Language = language
		page, err := w.Codes(p)
		if err != nil {
			t.Fatal(err)
		}
		text := utf16s(page.Text.Expose())
		hidden := map[string]int{}
		for _, m := range page.Marks {
			if m.Kind == "spoiler" {
				hidden[text.cut(m.Offset, m.Offset+m.Length)]++
			}
		}
		for _, c := range p.Cards {
			if hidden[c.Code.Expose()] != 1 || hidden[c.Serial.Expose()] != 1 {
				t.Errorf("%s: a code or serial is not hidden: %v", language, len(hidden))
			}
		}
		if hidden["https://example.test/x"] != 2 || len(hidden) != 5 {
			t.Errorf("%s: %d different texts are hidden", language, len(hidden))
		}
		if n := len(page.Copy); n != 6 {
			t.Errorf("%s: %d copy buttons", language, n)
		}
		if len(page.Rows) != 1 || len(page.Rows[0]) != 2 || page.File != nil {
			t.Errorf("%s: rows %v", language, page.Rows)
		}
	}
}

func TestThreat24PlaceholderHoldsNoCode(t *testing.T) {
	w := openWords(t)
	s := w.Placeholder(parcel(providers.GiftCard, secretCard(1)).Recipient)
	if !s.Protect || !s.Keep || s.Chat != 1001 || len(s.Rows) != 0 || !strings.Contains(s.Text, "K7M2-9QXW") {
		t.Errorf("placeholder is %+v", s)
	}
	file := parcel(providers.GiftCard, secretCard(1)).Recipient
	file.File = true
	if w.Placeholder(file).Protect {
		t.Error("the placeholder of a file is protected, so that nobody could save it")
	}
}

func TestInternetPage(t *testing.T) {
	w := openWords(t)
	for kind, wants := range map[providers.AccountKind][]string{
		providers.ADSL:  {"ADSL", "021234567", "*600#", "3003", "nothing to do", "AT-2026-00001", "4 Mar 2030 13:00:00", "1,000 DZD"},
		providers.FourG: {"4G LTE", "0661223344", "*600#", "Recharge Internet", "nothing to do", "AT-2026-00001"},
	} {
		p := parcel(providers.InternetCard, providers.Card{
			Code: providers.NewSecret("000011112222"),
			Facts: []providers.Fact{
				{Label: providers.FactTransaction, Value: "AT-2026-00001"},
				{Label: providers.FactProcessed, Value: "2030-03-04T12:00:00.000Z"}, {Label: "ref", Value: "x"},
			},
		})
		p.Service, p.Face = kind, providers.Money{Minor: 100_000, Currency: "DZD"}
		p.Account = map[providers.AccountKind]string{providers.ADSL: "021234567", providers.FourG: "213661223344"}[kind]
		page, err := w.Codes(p)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(page.Text.Expose(), "\u00a0", " ")
		for _, want := range append(wants, "Keep this code secure and do not share it", "13:00:00", "000011112222") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", kind, want)
			}
		}
	}
}

func TestManyCardsAreAFile(t *testing.T) {
	w := openWords(t)
	var cards []providers.Card
	for i := range 6 {
		cards = append(cards, secretCard(i))
	}
	page, err := w.Codes(parcel(providers.Voucher, cards...))
	if err != nil {
		t.Fatal(err)
	}
	if page.File == nil || page.File.Name != "cards-K7M29QXW.txt" || len(page.Copy) != 0 {
		t.Fatalf("page has no file: %+v", page.File)
	}
	text, caption := page.File.Data.Expose(), page.Text.Expose()
	for i, c := range cards {
		for _, want := range []string{fmt.Sprintf("Gift Card %d\n", i+1), c.Code.Expose(), c.Serial.Expose(), "----"} {
			if !strings.Contains(text, want) {
				t.Errorf("the file lacks part of card %d", i+1)
			}
		}
		if strings.Contains(caption, c.Code.Expose()) {
			t.Error("the caption holds a code")
		}
	}
	if !strings.Contains(text, "do not share") || !strings.Contains(caption, "do not share") {
		t.Error("nobody says to keep the codes secure")
	}
	if units(caption) > 1024 {
		t.Errorf("caption of %d units", units(caption))
	}
}

func TestLongCards(t *testing.T) {
	w := openWords(t)
	long := providers.Card{Code: providers.NewSecret(strings.Repeat("9", 300))}
	page, err := w.Codes(parcel(providers.GiftCard, long))
	if err != nil || len(page.Copy) != 0 {
		t.Errorf("a code of 300 characters has %d copy buttons, err %v", len(page.Copy), err)
	}
	for range 4 {
		long.Extras = append(long.Extras, providers.Field{Label: "x", Value: providers.NewSecret(strings.Repeat("8", 2000))})
	}
	if page, err = w.Codes(parcel(providers.GiftCard, long)); err != nil || page.File == nil {
		t.Errorf("what does not fit a message is no file: %v", err)
	}
	if _, err := w.Codes(parcel(providers.GiftCard)); err == nil {
		t.Error("a parcel without cards was drawn")
	}
}

func TestExpired(t *testing.T) {
	w := openWords(t)
	for _, language := range w.Languages() {
		text, f := w.Expired(language)
		if text == "" || f.Name != "expired.txt" || strings.Count(string(f.Data), "\n") != 1 {
			t.Errorf("%s: %q, %+v", language, text, f)
		}
	}
}
