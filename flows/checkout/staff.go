package checkout

import (
	"context"

	"cardrop/store"
)

// Appoint gives a person a role among those who run the shop, or takes it with an empty one. Who may do so is decided before. It returns
// false when it stood so already.
func (s *Shop) Appoint(ctx context.Context, admin, user int64, role string) (bool, error) {
	actor, err := s.person(ctx, admin)
	if err != nil {
		return false, err
	}
	return s.appoint(ctx, actor, user, role)
}

// Enthrone takes the roles of those who own the shop by its settings: whoever leaves the settings later has no right left.
func (s *Shop) Enthrone(ctx context.Context, owners []int64) error {
	staff, err := s.o.Store.Staff(ctx)
	if err != nil {
		return err
	}
	for _, user := range owners {
		if staff[user] == "" {
			continue
		}
		if _, err := s.appoint(ctx, system, user, ""); err != nil {
			return err
		}
	}
	return nil
}

func (s *Shop) appoint(ctx context.Context, actor string, user int64, role string) (bool, error) {
	person, err := s.person(ctx, user)
	if err != nil {
		return false, err
	}
	return s.o.Store.SetStaff(ctx, user, role, store.Event{Kind: EventStaffed, Person: person, Actor: actor, Data: map[string]string{"role": role}})
}
