package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestShopNames(t *testing.T) {
	s := embedded(t)
	for _, name := range []string{"", "a b", "a:b", "{a}", "a\n", "a\t", "}"} {
		if _, err := New(s.rdb, Options{Shop: name}); err == nil {
			t.Errorf("shop %q was accepted", name)
		}
	}
	for _, name := range []string{"main", "shop-2", "Ünïcode"} {
		if _, err := New(s.rdb, Options{Shop: name}); err != nil {
			t.Errorf("shop %q: %v", name, err)
		}
	}
}

func TestAddressesThatCannotBeUnderstood(t *testing.T) {
	for _, url := range []string{"", "localhost", "http://host", "redis://secret@host:notaport", "redis://a:1,nonsense", "nonsense,redis://a:1"} {
		_, err := Open(t.Context(), Options{URL: url, Shop: "main"})
		if err == nil || !strings.HasPrefix(err.Error(), "REDIS_URL") {
			t.Errorf("%q: %v", url, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestARedisThatDoesNotAnswer(t *testing.T) {
	_, err := Open(t.Context(), Options{URL: "unix:///nowhere/at/all", Shop: "main"})
	if err == nil || !strings.Contains(err.Error(), "reach redis") {
		t.Errorf("nobody there: %v", err)
	}
	both(t, func(t *testing.T, s *kit) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		if _, err := s.OpenOrder(ctx, basket("o1", 1)); err == nil {
			t.Error("a canceled order was opened")
		}
	})
}

func TestShopsAreApart(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 1)
		o := s.o
		o.Shop += "-other"
		other, err := New(s.rdb, o)
		s.ok(err)
		_, err = other.Order(s.ctx, "o1")
		s.is(err, ErrNotFound)
		if b, err := other.Balances(s.ctx); err != nil || len(b) != 0 {
			t.Errorf("another shop's balances: %v, %v", b, err)
		}
		if work, err := other.DueNotices(s.ctx, 10, time.Second); err != nil || len(work) != 0 {
			t.Errorf("another shop's work: %v, %v", work, err)
		}
	})
}

func TestNowIsRedisTimeWithTheOffset(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.pass(time.Hour)
		now, err := s.Now(s.ctx)
		s.ok(err)
		s.about("now", now, start().Add(time.Hour))
	})
	plain := embedded(t)
	plain.o.Offset = nil
	now, err := plain.Now(t.Context())
	plain.ok(err)
	plain.about("now without an offset", now, start())
	plain.fund(1)
	events, err := plain.EventsAfter(t.Context(), "", 1)
	plain.ok(err)
	plain.about("a script's time without an offset", events[0].At, start())
}

// road is a walk through the store that leaves something of many kinds behind.
func road(s *kit) keyspace {
	s.t.Helper()
	s.sealed("o1", 2, 1)
	s.show("o1", 1)
	_ = s.refused("o1", 9, "denied")
	s.sweep("o1")
	s.order("o2", 2, 2)
	wait := settlement(s.claim("o2", 1), Pending)
	wait.Handle = "77"
	s.settle(wait)
	s.settle(settlement(s.claim("o2", 2), InDoubt))
	for v := range int64(3) {
		_, err := s.say(v, v+1)
		s.ok(err)
	}
	s.ok(s.Throttle(s.ctx, 5, 30*time.Second))
	_, err := s.Pause(s.ctx, "giftz", "no_funds", event("PAUSED", ""))
	s.ok(err)
	s.due(DueNotice, "o1")
	return s.view()
}

// TestBothRedisesHoldTheSame walks the same road on both and compares the whole shop.
func TestBothRedisesHoldTheSame(t *testing.T) {
	if diff := cmp.Diff(road(embedded(t)), road(realRedis(t))); diff != "" {
		t.Errorf("(-embedded +real):\n%s", diff)
	}
}
