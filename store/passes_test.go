package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPasses(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		_, err := s.Pass(s.ctx, passWord)
		s.is(err, ErrNotFound)
		s.ok(s.KeepPass(s.ctx, passWord, Pass{Order: "K7M29QXW", User: buyer}))
		s.ok(s.KeepPass(s.ctx, passWord, Pass{Order: "ABCDEFGH", User: 2}))
		got, err := s.Pass(s.ctx, passWord)
		s.ok(err)
		if diff := cmp.Diff(Pass{Order: "K7M29QXW", User: buyer}, got); diff != "" {
			t.Error(diff)
		}
		if left := s.rdb.PTTL(s.ctx, s.keys.pass(passWord)).Val(); left <= passKept-time.Minute || left > passKept {
			t.Errorf("it ends in %s", left)
		}
		s.ok(s.rdb.PExpire(s.ctx, s.keys.pass(passWord), time.Hour).Err())
		s.ok(s.KeepPass(s.ctx, passWord, Pass{Order: "K7M29QXW", User: buyer}))
		if left := s.rdb.PTTL(s.ctx, s.keys.pass(passWord)).Val(); left <= time.Hour {
			t.Errorf("kept again, it ends in %s", left)
		}
	})
}

// TestPassesWithoutAnEnd reads what was kept in one hash for ever, and gives it an end.
func TestPassesWithoutAnEnd(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		const other = "0123456789abcdef0123456789abcde0"
		s.ok(s.rdb.HSet(s.ctx, "{"+s.keys.shop+"}:passes", passWord, "K7M29QXW|1001", other, "ABCDEFGH|2").Err())
		for range 2 {
			got, err := s.Pass(s.ctx, passWord)
			s.ok(err)
			if diff := cmp.Diff(Pass{Order: "K7M29QXW", User: 1001}, got); diff != "" {
				t.Error(diff)
			}
			for more := true; more; {
				more, err = s.EndPasses(s.ctx)
				s.ok(err)
			}
		}
		if n := s.rdb.Exists(s.ctx, s.keys.passes()).Val(); n != 0 {
			t.Error("the hash is still there")
		}
		for _, token := range []string{passWord, other} {
			if left := s.rdb.PTTL(s.ctx, s.keys.pass(token)).Val(); left <= 0 || left > passKept {
				t.Errorf("%s ends in %s", token, left)
			}
		}
	})
}
