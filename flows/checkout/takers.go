package checkout

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/store"
)

// taker is the admin who let money in or out; 0 where nobody knows.
func (s *Shop) taker(ctx context.Context, e store.Entry) (int64, error) {
	wallet := e.To
	if class(e.From) == "wallet" {
		wallet = e.From
	}
	if class(e.From) != store.External && class(e.To) != store.External {
		return 0, nil
	}
	if ref, byHand := strings.CutPrefix(e.ID, "credit:"); byHand {
		return s.crediter(ctx, wallet, ref)
	}
	id, _, _ := strings.Cut(e.ID, ":")
	t, err := s.o.Store.TopUp(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return t.Admin, err
}

// crediter finds in the record who credited a wallet under a reference. The newest events of the wallet's owner are looked at: days are
// summed soon after they were.
func (s *Shop) crediter(ctx context.Context, wallet, ref string) (int64, error) {
	trail := store.Trail{Person: s.o.Ring.Pseudonym(atoi(afterColon(wallet)))}
	cursor := ""
	for range 10 {
		steps, err := s.o.Store.EventsBefore(ctx, trail, cursor, 200)
		if err != nil || len(steps) == 0 {
			return 0, err
		}
		for _, step := range steps {
			cursor = step.Next
			if e := step.Event; (e.Kind == EventCredited || e.Kind == EventDebited) && e.Data["ref"] == ref {
				admin, _ := s.Person(ctx, e.Actor)
				return admin, nil
			}
		}
	}
	return 0, nil
}

func atoi(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
