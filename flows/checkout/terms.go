package checkout

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/store"
)

// ErrTerm is a value that a term cannot have.
var ErrTerm = errors.New("term has no such value")

// TermChange is one term of a wallet as it shall stand.
type TermChange struct {
	Account string
	Term    string // one of the store's Term constants, or DayTerm or RoleTerm of the member
	Member  int64  // whom it is about; 0 for the wallet
	Value   string // empty removes it
}

// SetTerm changes one term of a wallet. Repeating it changes nothing. It returns ErrTerm. Who may do this is for the caller to know.
func (s *Shop) SetTerm(ctx context.Context, by int64, c TermChange) error {
	if c.Value != "" && !fitsTerm(c.Term, c.Value) {
		return ErrTerm
	}
	actor, err := s.person(ctx, by)
	if err != nil {
		return err
	}
	person, err := s.person(ctx, store.Group{Account: c.Account}.ID())
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(c.Term, ":")
	data := map[string]string{"term": name, "value": c.Value}
	if c.Member != 0 {
		if data["member"], err = s.person(ctx, c.Member); err != nil {
			return err
		}
	}
	_, err = s.o.Store.SetTerm(ctx, c.Account, c.Term, c.Value, store.Event{Kind: EventTerms, Person: person, Actor: actor, Data: data})
	return err
}

// fitsTerm tells whether a term can have a value.
func fitsTerm(term, value string) bool {
	name, _, _ := strings.Cut(term, ":")
	n, err := strconv.ParseInt(value, 10, 64)
	whole := err == nil && n >= 0 && n <= 1<<50
	switch name {
	case store.TermTier:
		return IsTier(value)
	case store.TermFrozen:
		return value == "1"
	case store.TermFile:
		return value == "csv"
	case store.TermQuiet:
		from, to, ok := strings.Cut(value, "-")
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		return ok && errA == nil && errB == nil && a >= 0 && a < 24*60 && b >= 0 && b < 24*60 && a != b
	case "role":
		r := store.Role(value)
		return r == store.RoleOwner || r == store.RoleBuyer || r == store.RoleViewer
	case store.TermFileTTL:
		return whole && n >= 60 && n <= 24*60*60
	case store.TermCredit, store.TermDay, store.TermMemberDay:
		return whole
	default:
		return false
	}
}
