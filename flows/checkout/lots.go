package checkout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cardrop/providers"
	"cardrop/store"
)

// Where cards lie in quarantine besides those that came in time: entered by an admin, or turned up late.
const (
	byHand = "hand"
	late   = "late"
)

// lot is what lies in quarantine for one placement.
type lot struct {
	came, typed []kept
	raw         []kept
}

// kept is one sealed entry: a card, or a whole answer.
type kept struct {
	index string
	card  providers.Card
	raw   providers.Secret
}

func quarantineOf(k int) string { return fmt.Sprintf("q%03d.", k) }

// lying counts what the supplier sold for a placement and lies in quarantine: its cards, or all that were asked for when only the answer
// could be kept. It opens nothing.
func (s *Shop) lying(ctx context.Context, o store.Order, k int) (int, error) {
	vault, err := s.o.Store.Vault(ctx, o.ID)
	if err != nil {
		return 0, err
	}
	cards, raw := 0, false
	for _, v := range vault {
		rest, mine := strings.CutPrefix(v.Index, quarantineOf(k))
		switch {
		case !mine || strings.HasPrefix(rest, byHand):
		case strings.HasSuffix(rest, "raw"):
			raw = true
		default:
			cards++
		}
	}
	if cards == 0 && raw {
		cards = o.Placements[k-1].Quantity
	}
	return cards, nil
}

// quarantine opens what lies there for one placement. It returns ErrKeyMissing or ErrTampered for what does not open.
func (s *Shop) quarantine(ctx context.Context, o store.Order, sku string, k int) (lot, error) {
	vault, err := s.o.Store.Vault(ctx, o.ID)
	if err != nil {
		return lot{}, err
	}
	slices.SortFunc(vault, func(a, b store.SealedCard) int { return strings.Compare(a.Index, b.Index) })
	var l lot
	for _, v := range vault {
		rest, mine := strings.CutPrefix(v.Index, quarantineOf(k))
		if !mine {
			continue
		}
		plain, err := s.o.Ring.Open(v.Bytes, place{Order: o.ID, Index: v.Index, Owner: o.Buyer, SKU: sku})
		if err != nil {
			return lot{}, err
		}
		one := kept{index: v.Index}
		if strings.HasSuffix(rest, "raw") {
			if one.raw, err = unpackRaw(plain); err != nil {
				return lot{}, err
			}
			l.raw = append(l.raw, one)
			continue
		}
		if one.card, err = unpackCard(plain); err != nil {
			return lot{}, err
		}
		if strings.HasPrefix(rest, byHand) {
			l.typed = append(l.typed, one)
		} else {
			l.came = append(l.came, one)
		}
	}
	return l, nil
}
