package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"cardrop/providers"
	"cardrop/store"
)

// maxCode is the longest code the shop shows; anything longer is no code.
const maxCode = 512

// blob is a card as it is sealed.
type blob struct {
	Code   string      `json:"c,omitempty"`
	Serial string      `json:"s,omitempty"`
	Extras [][2]string `json:"x,omitempty"`
	Facts  [][2]string `json:"f,omitempty"`
	Raw    string      `json:"r,omitempty"` // a whole answer that could not be read
}

// packCard turns a card into the bytes that are sealed.
func packCard(c providers.Card) ([]byte, error) {
	b := blob{Code: c.Code.Expose(), Serial: c.Serial.Expose()}
	for _, x := range c.Extras {
		b.Extras = append(b.Extras, [2]string{x.Label, x.Value.Expose()})
	}
	for _, f := range c.Facts {
		b.Facts = append(b.Facts, [2]string{f.Label, f.Value})
	}
	return json.Marshal(b)
}

// packRaw turns an unreadable answer into the bytes that are sealed.
func packRaw(raw providers.Secret) ([]byte, error) { return json.Marshal(blob{Raw: raw.Expose()}) }

// unpackCard is the way back.
func unpackCard(plain []byte) (providers.Card, error) {
	var b blob
	if err := json.Unmarshal(plain, &b); err != nil {
		return providers.Card{}, ErrTampered
	}
	c := providers.Card{Code: providers.NewSecret(b.Code), Serial: providers.NewSecret(b.Serial)}
	for _, x := range b.Extras {
		c.Extras = append(c.Extras, providers.Field{Label: x[0], Value: providers.NewSecret(x[1])})
	}
	for _, f := range b.Facts {
		c.Facts = append(c.Facts, providers.Fact{Label: f[0], Value: f[1]})
	}
	return c, nil
}

// sealed are the cards of one placement, ready to be kept.
type sealed struct {
	cards  []store.SealedCard
	prints [][]byte
}

// seal encrypts the cards of placement k. Quarantined ones get indexes of their own, so that nobody shows them by accident.
func (s *Shop) seal(ctx context.Context, o store.Order, sku string, k int, cards []providers.Card, raw providers.Secret, quarantine bool) (sealed, error) {
	var out sealed
	mark := ""
	if quarantine {
		mark = "q"
	}
	add := func(index string, plain []byte, err error) error {
		if err != nil {
			return fmt.Errorf("pack card: %w", err)
		}
		blob, err := s.o.Ring.Seal(ctx, plain, place{Order: o.ID, Index: index, Owner: o.Buyer, SKU: sku})
		if err != nil {
			return err
		}
		out.cards = append(out.cards, store.SealedCard{Index: index, Bytes: blob})
		return nil
	}
	for i, c := range cards {
		plain, err := packCard(c)
		if err := add(fmt.Sprintf("%s%03d.%03d", mark, k, i+1), plain, err); err != nil {
			return sealed{}, err
		}
	}
	out.prints = s.prints(cards)
	if !raw.Empty() {
		plain, err := packRaw(raw)
		if err := add(fmt.Sprintf("q%03d.raw", k), plain, err); err != nil {
			return sealed{}, err
		}
	}
	return out, nil
}

// prints are the fingerprints of cards, of those that are anything at all.
func (s *Shop) prints(cards []providers.Card) [][]byte {
	var out [][]byte
	for _, c := range cards {
		if id := identity(c); id != "" {
			out = append(out, s.o.Ring.Fingerprint(id))
		}
	}
	return out
}

// open decrypts the cards of an order that may be shown. It returns ErrTampered also when there are not as many as were delivered.
func (s *Shop) open(o store.Order, sku string, vault []store.SealedCard) ([]providers.Card, error) {
	sort.Slice(vault, func(i, j int) bool { return vault[i].Index < vault[j].Index })
	var cards []providers.Card
	for _, v := range vault {
		if strings.HasPrefix(v.Index, "q") {
			continue
		}
		plain, err := s.o.Ring.Open(v.Bytes, place{Order: o.ID, Index: v.Index, Owner: o.Buyer, SKU: sku})
		if err != nil {
			return nil, err
		}
		c, err := unpackCard(plain)
		if err != nil {
			return nil, err
		}
		cards = append(cards, c)
	}
	if len(cards) != o.Delivered {
		return nil, ErrTampered
	}
	return cards, nil
}

// identity is what makes a card this card: its code, or the link it is used by.
func identity(c providers.Card) string {
	if !c.Code.Empty() {
		return c.Code.Expose()
	}
	for _, x := range c.Extras {
		if x.Label == providers.LabelURL {
			return x.Value.Expose()
		}
	}
	return ""
}

// fits tells whether cards may be shown as they are: each has a code or a link, none is repeated, over-long or carries characters
// that a screen would hide or reorder.
func fits(cards []providers.Card) bool {
	seen := map[string]bool{}
	for _, c := range cards {
		id := identity(c)
		if id == "" || seen[id] {
			return false
		}
		seen[id] = true
		texts := []string{c.Code.Expose(), c.Serial.Expose()}
		for _, x := range c.Extras {
			texts = append(texts, x.Label, x.Value.Expose())
		}
		for _, f := range c.Facts {
			texts = append(texts, f.Label, f.Value)
		}
		for _, t := range texts {
			if !showable(t) {
				return false
			}
		}
	}
	return true
}

// showable refuses control and format characters (bidirectional marks among them), surrounding blanks and over-long texts.
func showable(text string) bool {
	if len(text) > maxCode || !utf8.ValidString(text) || strings.TrimSpace(text) != text {
		return false
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}
