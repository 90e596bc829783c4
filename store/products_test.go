package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func productOutcomes() []outcome {
	hide := map[string]string{"A|hidden": "1"}
	arrange := func(after int64, fields map[string]string) func(s *kit) error {
		return func(s *kit) error { _, err := s.Arrange(s.ctx, after, fields, event("PRODUCT_SET", "")); return err }
	}
	hidden := func(s *kit) { s.ok(arrange(-1, hide)(s)) }
	return []outcome{
		{"arrange", "ok", nothing, arrange(-1, hide), true, "same", ""},
		{"arrange", "same", hidden, arrange(-1, hide), false, "same", ""},
		{"arrange", "stale", hidden, arrange(0, map[string]string{"B|hidden": "1"}), false, "stale", ""},
	}
}

// TestArrangement holds that several fields change at once, that an empty value takes one away, and that each change is counted: by that
// number other processes know that they have to read anew.
func TestArrangement(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		steps := []struct {
			after   int64
			fields  map[string]string
			changed bool
			want    Arrangement
		}{
			{-1, map[string]string{"A|hidden": "1", "A|name|fr": "Jeu"}, true, Arrangement{1, map[string]string{"A|hidden": "1", "A|name|fr": "Jeu"}}},
			{-1, map[string]string{"A|hidden": "1"}, false, Arrangement{1, map[string]string{"A|hidden": "1", "A|name|fr": "Jeu"}}},
			{1, map[string]string{"A|hidden": "", "B|joined": "A"}, true, Arrangement{2, map[string]string{"A|name|fr": "Jeu", "B|joined": "A"}}},
			{2, map[string]string{"A|name|fr": ""}, true, Arrangement{3, map[string]string{"B|joined": "A"}}},
		}
		for i, step := range steps {
			changed, err := s.Arrange(s.ctx, step.after, step.fields, event("PRODUCT_SET", ""))
			s.ok(err)
			got, err := s.Arrangement(s.ctx)
			s.ok(err)
			n, err := s.Arranged(s.ctx)
			s.ok(err)
			if diff := cmp.Diff(step.want, got); diff != "" || changed != step.changed || n != step.want.Number {
				t.Errorf("step %d: changed %v, number %d (-want +got):\n%s", i+1, changed, n, diff)
			}
		}
		_, err := s.Arrange(s.ctx, 2, map[string]string{"C|hidden": "1"}, event("PRODUCT_SET", ""))
		s.is(err, ErrStale)
		events, err := s.EventsAfter(s.ctx, "", 10)
		s.ok(err)
		if len(events) != 3 {
			t.Errorf("%d events of three changes", len(events))
		}
	})
}
