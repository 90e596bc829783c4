package store

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	group    = int64(-5)
	super    = int64(-1005)
	ofGroup  = "group:-5"
	ofSuper  = "group:-1005"
	member1  = int64(1001)
	member2  = int64(1002)
	passWord = "0123456789abcdef0123456789abcdef"
)

// linking links the group, or another chat or wallet.
func linking(chat int64, account string, on bool) func(s *kit) error {
	return func(s *kit) error {
		_, err := s.LinkGroup(s.ctx, chat, account, on, event("GROUP_LINKED", ""))
		return err
	}
}

func moving(s *kit) error {
	_, err := s.MoveGroup(s.ctx, group, super, ofGroup, event("GROUP_MOVED", ""))
	return err
}

// groupOutcomes lists every answer of the scripts about groups.
func groupOutcomes() []outcome {
	nothing := func(*kit) {}
	link := linking(group, ofGroup, true)
	unlink := linking(group, ofGroup, false)
	linked := func(s *kit) { s.ok(link(s)) }
	moved := func(s *kit) { linked(s); s.ok(moving(s)) }
	return []outcome{
		{"link_group", "ok", nothing, link, true, "same", ""},
		{"link_group", "ok", linked, unlink, true, "same", ""},
		{"link_group", "ok", func(s *kit) { linked(s); s.ok(unlink(s)) }, link, true, "same", ""},
		{"link_group", "same", nothing, unlink, false, "same", ""},
		{"link_group", "conflict", linked, linking(group, ofSuper, true), false, "conflict", ""},
		{"link_group", "conflict", linked, linking(super, ofGroup, true), false, "conflict", ""},
		{"link_group", "conflict", linked, linking(super, ofGroup, false), false, "conflict", ""},

		{"move_group", "ok", linked, moving, true, "same", ""},
		{"move_group", "ok", func(s *kit) { linked(s); s.ok(unlink(s)) }, moving, true, "same", ""},
		{"move_group", "gone", nothing, moving, false, "gone", ""},
		{"move_group", "same", moved, moving, false, "same", ""},
		{"move_group", "conflict", func(s *kit) { linked(s); s.ok(linking(super, ofSuper, true)(s)) }, moving, false, "conflict", ""},
		{"move_group", "conflict", linked, func(s *kit) error {
			_, err := s.MoveGroup(s.ctx, group, super, ofSuper, event("GROUP_MOVED", ""))
			return err
		}, false, "conflict", ""},
		{"move_group", "conflict", linked, func(s *kit) error {
			_, err := s.MoveGroup(s.ctx, group, group, ofGroup, event("GROUP_MOVED", ""))
			return err
		}, false, "conflict", ""},
	}
}

// TestAGroupIsFollowed links a group, moves it, ends and renews the link: its wallet is the same all the time.
func TestAGroupIsFollowed(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		see := func(when string, chat int64, want Group) {
			t.Helper()
			got, err := s.Group(s.ctx, chat)
			s.ok(err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, by %d:\n%s", when, chat, diff)
			}
		}
		_, err := s.Group(s.ctx, group)
		s.is(err, ErrNotFound)
		s.ok(linking(group, ofGroup, true)(s))
		see("linked", group, Group{Chat: group, Account: ofGroup, Linked: true})
		_, err = s.Group(s.ctx, super)
		s.is(err, ErrNotFound)
		_, err = s.Move(s.ctx, Transfer{ID: "in", From: External, To: ofGroup, Amount: 700, Event: event("FUNDED", "")})
		s.ok(err)
		s.ok(moving(s))
		for _, chat := range []int64{group, super} {
			see("moved", chat, Group{Chat: super, Account: ofGroup, Linked: true})
		}
		s.ok(linking(super, ofGroup, false)(s))
		see("unlinked", super, Group{Chat: super, Account: ofGroup, Linked: false})
		s.ok(linking(super, ofGroup, true)(s))
		see("linked again", group, Group{Chat: super, Account: ofGroup, Linked: true})
		if got, err := s.Balance(s.ctx, ofGroup); err != nil || got != 700 {
			t.Errorf("%d in the wallet, %v", got, err)
		}
		if id := (Group{Account: ofGroup}).ID(); id != group {
			t.Errorf("the wallet is named after %d", id)
		}
		s.invariants()
	})
}

// TestAnUnlinkedGroupMovesUnlinked holds that following a group links nothing.
func TestAnUnlinkedGroupMovesUnlinked(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.ok(linking(group, ofGroup, true)(s))
		s.ok(linking(group, ofGroup, false)(s))
		s.ok(moving(s))
		got, err := s.Group(s.ctx, group)
		s.ok(err)
		if diff := cmp.Diff(Group{Chat: super, Account: ofGroup, Linked: false}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestAGroupMovesOnce has many processes follow a group at once, while others read it: it is moved once, and never without a wallet.
func TestAGroupMovesOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.ok(linking(group, ofGroup, true)(s))
		var moved atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if fresh, err := s.MoveGroup(s.ctx, group, super, ofGroup, event("GROUP_MOVED", "")); err != nil {
					t.Error(err)
				} else if fresh {
					moved.Add(1)
				}
			})
		}
		wg.Wait()
		if moved.Load() != 1 {
			t.Errorf("moved %d times", moved.Load())
		}
	})
}

// TestAGroupsOrder holds where an order of a group is kept: with its buyer, with the wallet that pays, and with its timeline's chat.
func TestAGroupsOrder(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		_, err := s.Move(s.ctx, Transfer{ID: "in", From: External, To: ofGroup, Amount: 3 * unit, Event: event("FUNDED", "")})
		s.ok(err)
		s.link()
		n := basket("o1", 2)
		n.Account, n.Post, n.Thread = ofGroup, group, 77
		opened, err := s.OpenOrder(s.ctx, n)
		s.ok(err)
		if !opened {
			t.Fatal("order was there")
		}
		if _, err := s.OpenOrder(s.ctx, basket("o1", 2)); err == nil {
			t.Error("the same id was opened again from another wallet")
		}
		s.ok(s.SetOrderPost(s.ctx, "o1", super))
		for name, read := range map[string]func() ([]Order, bool, error){
			"the buyer":  func() ([]Order, bool, error) { return s.OrdersOf(s.ctx, buyer, 0, 5) },
			"the wallet": func() ([]Order, bool, error) { return s.OrdersOn(s.ctx, ofGroup, 0, 5) },
		} {
			orders, more, err := read()
			if err != nil || more || len(orders) != 1 || orders[0].Post != super || orders[0].Thread != 77 || orders[0].Chat != buyer {
				t.Errorf("orders of %s: %+v, %v", name, orders, err)
			}
		}
		if orders, _, err := s.OrdersOn(s.ctx, account, 0, 5); err != nil || len(orders) != 0 {
			t.Errorf("orders of the buyer's own wallet: %+v, %v", orders, err)
		}
		if held, err := s.Balance(s.ctx, ofGroup); err != nil || held != unit {
			t.Errorf("%d left in the wallet, %v", held, err)
		}
		s.invariants()
	})
}

// TestMembersDoNotDisturbEachOther holds that each member of a group has a talk of their own, with its own redraw.
func TestMembersDoNotDisturbEachOther(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		for i, user := range []int64{member1, member2} {
			version, err := s.SaveTalk(s.ctx, Talk{Chat: group, User: user, Body: []byte(`{}`)}, int64(10+i))
			s.ok(err)
			if version != 1 {
				t.Errorf("version %d for %d", version, user)
			}
		}
		s.ok(s.Drawn(s.ctx, TalkID{group, member1}, 1, 70))
		s.pass(redrawAfter + 1e9)
		due, err := s.DueRedraws(s.ctx, 10)
		s.ok(err)
		if diff := cmp.Diff([]TalkID{{group, member2}}, due); diff != "" {
			t.Errorf("due:\n%s", diff)
		}
		talk, err := s.LoadTalkOf(s.ctx, TalkID{group, member1}, 11)
		s.ok(err)
		if talk.Live != 70 || talk.Seen || talk.ID() != (TalkID{group, member1}) {
			t.Errorf("%+v", talk)
		}
	})
}

// TestAShutChat holds that a chat stays shut until it is reopened or its owner talks.
func TestAShutChat(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		shut := func() bool {
			t.Helper()
			talk, err := s.LoadTalk(s.ctx, buyer, 0)
			s.ok(err)
			return talk.Shut
		}
		s.ok(s.Shut(s.ctx, buyer))
		if talk, err := s.LoadTalk(s.ctx, buyer, 0); err != nil || !talk.Shut || talk.Version != 0 {
			t.Errorf("before the first word: %+v, %v", talk, err)
		}
		_, err := s.SaveTalk(s.ctx, Talk{Chat: buyer, Body: []byte(`{}`)}, 1)
		s.ok(err)
		if shut() {
			t.Error("shut after its owner talked")
		}
		s.ok(s.Shut(s.ctx, buyer))
		s.ok(s.Reopen(s.ctx, buyer))
		if shut() {
			t.Error("shut after it was reopened")
		}
	})
}
