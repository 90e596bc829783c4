package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// deny denies one act.
func (s *kit) deny(act string) bool {
	s.t.Helper()
	e := event("DENIED", "")
	e.Data = map[string]string{"act": act}
	told, err := s.Deny(s.ctx, e, act, time.Minute)
	s.ok(err)
	return told
}

// denialOutcomes lists every answer of the script about denied acts.
func denialOutcomes() []outcome {
	denying := func(s *kit) error { _, err := s.Deny(s.ctx, event("DENIED", ""), "press", time.Minute); return err }
	return []outcome{
		{"deny", "recorded", func(*kit) {}, denying, true, "counted", "more of the same is counted"},
		{"deny", "counted", func(s *kit) { s.ok(denying(s)) }, denying, true, "counted", "more of the same is counted"},
	}
}

// TestWhoHammersFillsNoRecord: a thousand denied acts in some minutes are a line a minute for each kind, and none is left out of the count.
func TestWhoHammersFillsNoRecord(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		told := 0
		for range 4 {
			for range 250 {
				if s.deny("press") {
					told++
				}
			}
			if !s.deny("pass") {
				t.Error("another act is not on record")
			}
			s.pass(61 * time.Second)
		}
		if told != 4 {
			t.Errorf("%d lines about 1,000 acts", told)
		}
		events, err := s.EventsAfter(s.ctx, "", 100)
		s.ok(err)
		var got []map[string]string
		for _, e := range events {
			if e.Data["act"] == "press" {
				got = append(got, e.Data)
			}
		}
		more := map[string]string{"act": "press", MoreDenied: "249"}
		if diff := cmp.Diff([]map[string]string{{"act": "press"}, more, more, more}, got); diff != "" {
			t.Errorf("on record (-want +got):\n%s", diff)
		}
		if left := s.rdb.PTTL(s.ctx, s.keys.denials("p1")).Val(); left <= 0 || left > denialsKept {
			t.Errorf("the counts end in %s", left)
		}
	})
}
