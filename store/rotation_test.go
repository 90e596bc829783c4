package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func rotationOutcomes() []outcome {
	swapping := func(s *kit) error {
		_, err := s.SwapSealed(s.ctx, "o1", []Swap{{Index: "1.1", Old: []byte("sealed\x00o1 1.1"), New: []byte("anew\x00")}})
		return err
	}
	retaining := func(s *kit) { s.sealed("o1", 1); s.pass(25 * time.Hour); s.due(DueRetain, "o1") }
	reminding := func(s *kit) error {
		return s.Remind(s.ctx, Reminder{Due: Due{Member: "o1", Fence: 2}, Stage: "day1", Next: time.Hour, Event: event("REMINDED", "o1")})
	}
	welcoming := func(s *kit) error { _, err := s.Welcome(s.ctx, buyer); return err }
	return []outcome{
		{"remind", "ok", retaining, reminding, true, "fenced", ""},
		{"remind", "fenced", func(s *kit) { retaining(s); s.pass(40e9); s.due(DueRetain, "o1") }, reminding, false, "fenced", ""},
		{"remind", "gone", func(s *kit) { retaining(s); s.ok(s.rdb.HDel(s.ctx, s.keys.order("o1"), "buyer").Err()) }, reminding, false, "gone", ""},
		{"welcome", "ok", func(s *kit) { s.sealed("o1", 1); s.ok(s.HoldNotice(s.ctx, buyer, "o1")) }, welcoming, true, "ok", ""},
		{"swap", "ok", func(s *kit) { s.sealed("o1", 2) }, swapping, true, "ok", ""},
	}
}

// TestSwapOnlyWhatStands: an entry is replaced only where its former bytes still stand; one that was taken out does not come back.
func TestSwapOnlyWhatStands(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.sealed("o1", 3)
		s.ok(s.rdb.HSet(s.ctx, s.keys.vault("o1"), "1.2", "changed").Err())
		s.ok(s.rdb.HDel(s.ctx, s.keys.vault("o1"), "1.3").Err())
		var swaps []Swap
		for i := range 3 {
			name := fmt.Sprintf("1.%d", i+1)
			swaps = append(swaps, Swap{Index: name, Old: []byte("sealed\x00o1 " + name), New: []byte("anew\x00" + name)})
		}
		n, err := s.SwapSealed(s.ctx, "o1", swaps)
		s.ok(err)
		got, err := s.rdb.HGetAll(s.ctx, s.keys.vault("o1")).Result()
		s.ok(err)
		if diff := cmp.Diff(map[string]string{"1.1": "anew\x001.1", "1.2": "changed"}, got); diff != "" || n != 1 {
			t.Errorf("%d swapped: %s", n, diff)
		}
	})
}

// TestSealedOrdersMeetsAll: the walk meets every order with sealed entries, of this shop only.
func TestSealedOrdersMeetsAll(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		want := map[string]bool{}
		for i := range 40 {
			id := fmt.Sprintf("o%d", i)
			s.ok(s.rdb.HSet(s.ctx, s.keys.vault(id), "1.1", "sealed").Err())
			want[id] = true
		}
		got := map[string]bool{}
		for cursor := uint64(0); ; {
			orders, next, err := s.SealedOrders(s.ctx, cursor, 7)
			s.ok(err)
			vaults, err := s.Vaults(s.ctx, orders)
			s.ok(err)
			for i, id := range orders {
				got[id] = true
				if len(vaults[i]) != 1 {
					t.Errorf("%s has %d entries", id, len(vaults[i]))
				}
			}
			if cursor = next; cursor == 0 {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestKeyUse: a count replaces the former one; what is sealed again moves from key to key.
func TestKeyUse(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.ok(s.SetKeyUse(s.ctx, KeyUse{Items: map[string]int64{"aa": 7, "bb": 1}, At: s.now()}))
		s.ok(s.SetKeyUse(s.ctx, KeyUse{Items: map[string]int64{"aa": 5}, At: s.now()}))
		s.ok(s.Resealed(s.ctx, "aa", "cc", 2))
		use, err := s.KeyUse(s.ctx)
		s.ok(err)
		if diff := cmp.Diff(map[string]int64{"aa": 3, "cc": 2}, use.Items); diff != "" || use.At.IsZero() {
			t.Errorf("%s %s", diff, use.At)
		}
	})
}
