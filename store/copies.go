package store

import (
	"context"
	"errors"
	"time"
)

// copyLimit is how long a replica may take to confirm a write.
const copyLimit = time.Second

// ErrAlone means that no replica confirmed a write that has to survive a failover. It may be written: whoever finds it asks what became
// of it, and does not repeat it.
var ErrAlone = errors.New("no replica confirmed the write")

// foreign tells whether a script's write comes right before an effect outside of the shop: a supplier is asked to sell, or a code goes
// onto a screen. A failover must not forget it.
func foreign(script string) bool { return script == "claim_placement" || script == "reveal_step" }

// eval calls a script. Where Redis has replicas, a write before a foreign effect waits for one of them, on the same connection.
func (s *Store) eval(ctx context.Context, name string, keys []string, args []any) ([]string, error) {
	if s.replicas.Load() == 0 || !foreign(name) {
		return s.scripts[name].Run(ctx, s.rdb, keys, args...).StringSlice()
	}
	node, err := s.node(ctx)
	if err != nil {
		return nil, err
	}
	one := node.Conn()
	defer func() { _ = one.Close() }()
	out, err := s.scripts[name].Run(ctx, one, keys, args...).StringSlice()
	if err != nil {
		return nil, err
	}
	confirmed, err := one.Wait(ctx, 1, copyLimit).Result()
	if err == nil && confirmed < 1 {
		err = ErrAlone
	}
	return out, err
}
