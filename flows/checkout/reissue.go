package checkout

import "context"

// Reissue allows the owner of an order one more showing of its cards when none is left, and has them told. The admin sees no code. It
// returns ErrNotFound, ErrNotReady, ErrNothing, ErrShredded, and ErrUndecidable where showings are left.
func (s *Shop) Reissue(ctx context.Context, admin int64, order string) error {
	o, err := s.Order(ctx, order, 0)
	if err != nil {
		return err
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	if err := s.o.Store.Reissue(ctx, order, s.o.RevealLimit, s.event(EventReissued, o, actor, nil)); err != nil {
		return s.outcome(err)
	}
	nudge(s.news)
	return nil
}
