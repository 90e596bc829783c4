package checkout

import (
	"context"
	"maps"
	"slices"
)

// Unrated lists the currencies of suppliers without a rate: what costs in them is hidden.
func (s *Shop) Unrated(ctx context.Context) ([]string, error) {
	if err := s.view(ctx); err != nil {
		return nil, err
	}
	t := s.tariff.Load()
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	found := map[string]bool{}
	for _, shelves := range s.window.shelves {
		for _, sh := range shelves {
			for _, line := range sh.Lines {
				if c := line.Cost.Currency; c != "" && c != s.o.Currency && s.rate(t, c) == nil {
					found[c] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}
