package demo

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestForwardOrigins holds what the bot is told of who wrote a forwarded message, also in a message that it is replied to with: it stays what
// it was when it was forwarded.
func TestForwardOrigins(t *testing.T) {
	const group = -100505
	r := newChatRig(t, Options{})
	r.NewGroup(group, "Friends", omar, amina, nadia)
	r.say(nadia, started)
	say := func(user int64) int {
		t.Helper()
		m, err := r.Say(group, user, "help me")
		if err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	open, hidden := say(omar), say(amina)
	must(r.Promote(group, amina, true))
	asGroup := say(amina)
	must(r.HideForwards(amina, true))
	menu := r.ok("sendMessage", fields{"chat_id": nadia, "text": "menu"})
	r.drop()

	type seen struct {
		Type, Name string
		User, Chat int64
	}
	origin := func(o *wireOrigin) seen {
		t.Helper()
		if o == nil || o.Date == 0 {
			t.Fatalf("origin %+v", o)
		}
		s := seen{Type: o.Type, Name: o.Name}
		if o.User != nil {
			s.User = o.User.ID
		}
		if o.Chat != nil {
			s.Chat = o.Chat.ID
		}
		return s
	}
	for _, tt := range []struct {
		name string
		chat int64
		id   int
		want seen
	}{
		{"person", group, open, seen{Type: "user", User: omar}},
		{"hidden", group, hidden, seen{Type: "hidden_user", Name: "Amina"}},
		{"group", group, asGroup, seen{Type: "chat", Chat: group}},
		{"bot", nadia, menu, seen{Type: "user", User: r.bot.ID}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := r.ForwardTo(nadia, tt.chat, tt.id, nadia)
			must(err)
			must(r.HideForwards(amina, tt.name != "hidden")) // what was forwarded does not change by that
			_, err = r.Speak(nadia, nadia, Speech{Text: "/audit", ReplyTo: m.ID})
			must(err)
			again, err := r.ForwardTo(nadia, nadia, m.ID, nadia)
			must(err)
			if again.ForwardOf != m.ForwardOf || again.ForwardBy != m.ForwardBy || again.From != nadia {
				t.Errorf("%+v forwarded again is %+v", m, again)
			}
			list := r.updates(nil)
			if len(list) != 3 {
				t.Fatalf("%d updates", len(list))
			}
			for i, o := range []*wireOrigin{list[0].Message.Origin, list[1].Message.ReplyTo.Origin, list[2].Message.Origin} {
				if diff := cmp.Diff(tt.want, origin(o)); diff != "" {
					t.Errorf("update %d (-want +got):\n%s", i, diff)
				}
			}
			r.drop()
		})
	}
	wantErr(t, r.HideForwards(5, true), ErrNoUser)
}
