package flows

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// state is what the shop holds, without talks, the record and what only keeps time.
func (st *stage) state() map[string]string {
	st.t.Helper()
	all := map[string]string{}
	for _, key := range st.redis.Keys() {
		_, name, _ := strings.Cut(key, "}:")
		kind, _, _ := strings.Cut(name, ":")
		if slices.Contains([]string{"talk", "events", "seq", "eo", "ep", "ea", "ek", "eg", "head", "macs", "people", "tries", "tally", "due", "leases", "fence", "numbers",
			"customers", "lease", "cat", "codes", "refs", "pass", "denials"}, kind) {
			continue
		}
		if kind == "stars" || strings.HasPrefix(name, "watch:cust:") || strings.HasPrefix(name, "told:cust:") {
			continue // what somebody likes and wants to hear of: each writes their own only
		}
		switch st.redis.Type(key) {
		case "hash":
			fields, err := st.redis.HKeys(key)
			st.must(err)
			for _, field := range fields {
				all[name+" "+field] = st.redis.HGet(key, field)
			}
		case "list":
			list, err := st.redis.List(key)
			st.must(err)
			all[name] = strings.Join(list, " ")
		default:
			all[name] = st.redis.Type(key)
		}
	}
	if len(all) < 10 {
		st.t.Fatalf("the state holds only %v", all)
	}
	return all
}

// newest is a user's last event on record: its id and kind.
func (st *stage) newest(user int64) string {
	st.t.Helper()
	p, err := st.shop.Audit(st.t.Context(), admin, checkout.AuditQuery{User: user, Size: 1})
	st.must(err)
	if len(p.Events) == 0 {
		return ""
	}
	return p.Events[0].Kind + " " + p.Events[0].ID
}

// talkOf is a member's talk in the group as it is stored.
func (st *stage) talkOf(user int64) store.Talk {
	st.t.Helper()
	kept, err := st.store.LoadTalkOf(st.t.Context(), TalkID{Chat: shop5, User: user}, 0)
	st.must(err)
	return kept
}

// cells is callback data of every kind, of groups and of private chats, about Karim's basket and his former order.
func (st *stage) cells(basket, order string) map[string]string {
	token := strings.Repeat("A", 43)
	out := map[string]string{}
	for _, table := range []map[string]verb{verbs(), groupVerbs()} {
		for name, v := range table {
			data := name
			for i, shape := range v.args {
				for _, arg := range []string{order, "GRAB2000-9L7", "1", token, "0a1b2c3d", "20300304", "en", "R1"} {
					if shape(arg) && (i == 0 || arg != order) {
						data += ":" + arg
						break
					}
				}
			}
			out[name] = data
		}
	}
	out["buy now"] = "buy:" + basket
	return out
}

// matrix is a group in which Karim has bought once and has a second basket before him, with callback data of every kind about both.
type matrix struct {
	*stage
	cells   map[string]string
	message int // the menu that Karim's buttons are on
}

func newMatrix(t *testing.T) matrix {
	t.Helper()
	st := linked(t)
	st.act("/buy GRAB2000-9L7 1")
	st.press("Confirm")
	st.work()
	former, _, err := st.shop.Orders(t.Context(), karim, 0, 1)
	st.must(err)
	st.act("/buy GRAB2000-9L7 2")
	mine := st.visitOf(karim)
	return matrix{st, st.cells(mine.OrderID, former[0].ID), st.talkOf(karim).Live}
}

// TestThreat21GroupMatrix presses every kind of button as every kind of person, with the owner's mark, with their own and with none: only
// Karim's own Confirm moves money, and no press of another touches what is his.
func TestThreat21GroupMatrix(t *testing.T) {
	t.Parallel()
	people := map[string]person{
		"another member": {lina, "Lina", "en"}, "a stranger": {sami, "Sami", "en"}, "an admin": {admin, "Nadia", "en"},
		"nobody's id": {veiledUser, "Group", "en"},
	}
	for who, p := range people {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t)
			m.user = p
			for name, data := range m.cells {
				for _, mark := range []string{owned(karim, data), owned(karim, "+"+data), data, owned(p.id, data)} {
					m.foreign(name, mark, mark == owned(p.id, data))
				}
			}
		})
	}
	t.Run("Karim", func(t *testing.T) {
		t.Parallel()
		m := newMatrix(t)
		for name, data := range m.cells {
			before := m.state()
			reply := m.do(Input{Button: owned(karim, data), Message: m.message})
			if reply.Alert == "" && len(reply.Screens) == 0 {
				t.Errorf("Karim's own %s is not answered", data)
			}
			diff := cmp.Diff(before, m.state())
			if acted := diff != ""; acted && name != "buy now" {
				t.Errorf("Karim's %s changed the state:\n%s", data, diff)
			}
		}
	})
}

// foreign presses a button as somebody who is not Karim, and holds that nothing came of it.
func (m matrix) foreign(name, mark string, own bool) {
	t := m.t
	t.Helper()
	m.clock.Advance(time.Minute) // more of the same in a minute would only be counted
	m.redis.SetTime(m.clock.Now())
	m.must(m.shop.Notarize(t.Context()))
	before, his, last := m.state(), m.talkOf(karim), m.newest(m.user.id)
	reply := m.do(Input{Button: mark, Message: m.message})
	if diff := cmp.Diff(before, m.state()); diff != "" {
		t.Errorf("%s, %s: the state changed:\n%s", name, mark, diff)
	}
	if diff := cmp.Diff(his, m.talkOf(karim)); diff != "" {
		t.Errorf("%s, %s: Karim's talk changed:\n%s", name, mark, diff)
	}
	if own {
		return // a menu of their own: whatever it names is looked at by whose it is
	}
	if len(reply.Screens) != 0 || reply.Alert != m.words.in("en").say("group.foreign") || !reply.Modal {
		t.Errorf("%s, %s: answered with %+v", name, mark, reply)
	}
	if now := m.newest(m.user.id); now == last || !strings.HasPrefix(now, checkout.EventDenied) {
		t.Errorf("%s, %s: not on record: %q", name, mark, now)
	}
}

// visitOf reads what a member's talk in the group has collected.
func (st *stage) visitOf(user int64) Talk {
	st.t.Helper()
	return st.desk.visit(Input{Chat: shop5, User: user}, st.talkOf(user)).talk
}

// TestThreat21ForgedByRoles has a member of each role send the data of every kind of button, as if it were on a menu of their own, about a
// basket and an order of Karim's: nothing acts. What each of them has before them themselves, only those confirm who may buy.
func TestThreat21ForgedByRoles(t *testing.T) {
	t.Parallel()
	const other = int64(2077) // an owner who is not Karim
	for who, buys := range map[string]bool{"owner": true, "buyer": true, "viewer": false, "newcomer": true, "admin": true} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t)
			p := m.cast()[who]
			if who == "owner" {
				m.must(m.shop.SetTerm(t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.RoleTerm(other), Member: other, Value: string(store.RoleOwner)}))
				p = person{other, "Other", "en"}
				m.user, m.scene = p, scene{}
				m.act("/start")
			}
			m.scene, m.user = scene{group: shop5}, p
			for name, data := range m.cells {
				m.clock.Advance(time.Minute)
				m.redis.SetTime(m.clock.Now())
				m.must(m.shop.Notarize(t.Context()))
				before := m.state()
				m.do(Input{Button: owned(p.id, data), Message: m.message})
				if diff := cmp.Diff(before, m.state()); diff != "" {
					t.Errorf("%s changed the state:\n%s", name, diff)
				}
			}
			m.act("/buy GRAB2000-9L7 1")
			before := m.state()
			m.do(Input{Button: owned(p.id, "buy:"+m.visitOf(p.id).OrderID), Message: m.message})
			if bought := cmp.Diff(before, m.state()) != ""; bought != buys {
				t.Errorf("buys: %v, want %v", bought, buys)
			}
		})
	}
}
