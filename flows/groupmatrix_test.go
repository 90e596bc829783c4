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
		if slices.Contains([]string{"talk", "events", "seq", "eo", "ep", "ea", "ek", "eg", "head", "macs", "people", "tries", "due", "leases", "fence", "numbers",
			"customers", "lease", "cat", "codes", "refs", "pass", "denials"}, kind) {
			continue
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

// TestThreat21GroupMatrix presses every kind of button as every kind of person, with the owner's mark, with their own and with none: only
// Karim's own Confirm moves money, and no press of another touches what is his.
func TestThreat21GroupMatrix(t *testing.T) {
	st := linked(t)
	st.act("/buy GRAB2000-9L7 1")
	st.press("Confirm")
	st.work()
	former, _, err := st.shop.Orders(t.Context(), karim, 0, 1)
	st.must(err)
	st.act("/buy GRAB2000-9L7 2")
	mine := st.visitOf(karim)
	cells := st.cells(mine.OrderID, former[0].ID)
	message := st.talkOf(karim).Live
	people := map[string]person{
		"another member": {lina, "Lina", "en"}, "a stranger": {sami, "Sami", "en"}, "an admin": {admin, "Nadia", "en"},
		"nobody's id": {veiledUser, "Group", "en"},
	}
	for who, p := range people {
		st.user = p
		for name, data := range cells {
			for _, mark := range []string{owned(karim, data), owned(karim, "+"+data), data, owned(p.id, data)} {
				st.clock.Advance(time.Minute) // more of the same in a minute would only be counted
				st.redis.SetTime(st.clock.Now())
				st.must(st.shop.Notarize(t.Context()))
				before, his, last := st.state(), st.talkOf(karim), st.newest(p.id)
				reply := st.do(Input{Button: mark, Message: message})
				if diff := cmp.Diff(before, st.state()); diff != "" {
					t.Errorf("%s, %s, %s: the state changed:\n%s", who, name, mark, diff)
				}
				if diff := cmp.Diff(his, st.talkOf(karim)); diff != "" {
					t.Errorf("%s, %s, %s: Karim's talk changed:\n%s", who, name, mark, diff)
				}
				if mark == owned(p.id, data) {
					continue // a menu of their own: whatever it names is looked at by whose it is
				}
				if len(reply.Screens) != 0 || reply.Alert != st.words.in("en").say("group.foreign") || !reply.Modal {
					t.Errorf("%s, %s, %s: answered with %+v", who, name, mark, reply)
				}
				if now := st.newest(p.id); now == last || !strings.HasPrefix(now, checkout.EventDenied) {
					t.Errorf("%s, %s, %s: not on record: %q", who, name, mark, now)
				}
			}
		}
	}
	st.user = person{karim, "Karim", "en"}
	for name, data := range cells {
		before := st.state()
		reply := st.do(Input{Button: owned(karim, data), Message: message})
		if reply.Alert == "" && len(reply.Screens) == 0 {
			t.Errorf("Karim's own %s is not answered", data)
		}
		diff := cmp.Diff(before, st.state())
		if acted := diff != ""; acted && name != "buy now" {
			t.Errorf("Karim's %s changed the state:\n%s", data, diff)
		}
	}
}

// visitOf reads what a member's talk in the group has collected.
func (st *stage) visitOf(user int64) Talk {
	st.t.Helper()
	return st.desk.visit(Input{Chat: shop5, User: user}, st.talkOf(user)).talk
}
