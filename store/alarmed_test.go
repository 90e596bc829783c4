package store

import "testing"

// TestMarksOfBefore reads the operators' marks of orders that were stored when their field had another name. A mark in the present field
// counts before it, and a word that never was a mark is none.
func TestMarksOfBefore(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for _, c := range []struct {
			fields []any
			want   Alarmed
		}{
			{nil, ""}, {[]any{"told", "ask"}, AlarmedAsk}, {[]any{"told", "alarm"}, AlarmedRejected}, {[]any{"told", "slow"}, ""},
			{[]any{"told", "alarm", "alarmed", "ask"}, AlarmedAsk},
		} {
			s.clear()
			s.order("o1", 1)
			if c.fields != nil {
				s.set("o1", c.fields...)
			}
			o, err := s.Order(s.ctx, "o1")
			s.ok(err)
			if o.Alarmed != c.want {
				t.Errorf("%v: %q, want %q", c.fields, o.Alarmed, c.want)
			}
			s.ok(s.MarkAlarmed(s.ctx, "o1", AlarmedRejected))
			if o, err = s.Order(s.ctx, "o1"); err != nil || o.Alarmed != AlarmedRejected {
				t.Errorf("%v: marked anew: %q, %v", c.fields, o.Alarmed, err)
			}
		}
	})
}
