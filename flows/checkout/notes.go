package checkout

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"

	"cardrop/providers"
	"cardrop/store"
)

// maxNote is the longest note, in bytes, as the ledger keeps it.
const maxNote = 200

// note checks an admin's note about an order: plain text, short, and without a code of the order. Entries that cannot be opened cannot be
// compared: a refund must be possible when a key is lost. It returns ErrNote.
func (s *Shop) note(ctx context.Context, o store.Order, text string, needed bool) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" && !needed {
		return "", nil
	}
	if len(text) > maxNote {
		return "", ErrNote
	}
	return s.worded(ctx, o, text)
}

// worded lets a text pass that is plain and holds no code of the order, else it returns ErrNote.
func (s *Shop) worded(ctx context.Context, o store.Order, text string) (string, error) {
	if text == "" || !showable(text) {
		return "", ErrNote
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return "", err
	}
	vault, err := s.o.Store.Vault(ctx, o.ID)
	if err != nil {
		return "", err
	}
	for _, v := range vault {
		plain, err := s.o.Ring.Open(v.Bytes, place{Order: o.ID, Index: v.Index, Owner: o.Buyer, SKU: snap.SKU})
		if err != nil {
			continue
		}
		card, err := unpackCard(plain)
		if err != nil {
			continue
		}
		raw, err := unpackRaw(plain)
		if err == nil && mentions(text, card, raw) {
			return "", ErrNote
		}
	}
	return text, nil
}

// mentions tells whether a text holds a secret of a card, however it is spaced or cased, or a word of an unread answer that may be one.
func mentions(text string, c providers.Card, raw providers.Secret) bool {
	secrets := []string{c.Code.Expose(), c.Serial.Expose()}
	for _, x := range c.Extras {
		secrets = append(secrets, x.Value.Expose())
	}
	bare := letters(text)
	for _, secret := range secrets {
		if secret = letters(secret); len(secret) >= 4 && strings.Contains(bare, secret) {
			return true
		}
	}
	for word := range strings.FieldsSeq(text) {
		if len(word) >= 8 && strings.ContainsAny(word, "0123456789") && strings.Contains(raw.Expose(), word) {
			return true
		}
	}
	return false
}

// letters are a text's letters and digits in upper case.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, text)
}

// unpackRaw reads an answer that was sealed whole; empty for a card.
func unpackRaw(plain []byte) (providers.Secret, error) {
	var b blob
	if err := json.Unmarshal(plain, &b); err != nil {
		return providers.Secret{}, ErrTampered
	}
	return providers.NewSecret(b.Raw), nil
}
