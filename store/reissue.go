package store

import "context"

// Reissue allows an order's owner one more showing, and has them told. limit is how many everybody is allowed. Its error is a *TakeOutcome
// with the script's word where there is no card to show or showings are left.
func (s *Store) Reissue(ctx context.Context, order string, limit int, e Event) error {
	k := s.keys
	word, _, err := s.word(ctx, "reissue", []string{k.order(order), k.due(DueNotice), k.leases(DueNotice), k.events(), k.seq(), k.orderEvents(order),
		k.personEvents(e.Person)}, order, limit, e.pack())
	if err != nil {
		return err
	}
	if word != "reissued" {
		return &TakeOutcome{Word: word}
	}
	return nil
}
