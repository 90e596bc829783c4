package flows

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// cast gives Karim, Lina and Sami their roles, and a private chat to all who act.
func (st *stage) cast() map[string]person {
	st.t.Helper()
	roles := map[int64]store.Role{karim: store.RoleOwner, lina: store.RoleBuyer, sami: store.RoleViewer}
	for user, role := range roles {
		st.must(st.shop.SetTerm(st.t.Context(), admin, checkout.TermChange{Account: "group:-5", Term: store.RoleTerm(user), Member: user, Value: string(role)}))
	}
	people := map[string]person{"owner": {karim, "Karim", "en"}, "buyer": {lina, "Lina", "en"}, "viewer": {sami, "Sami", "en"},
		"admin": {admin, "Nadia", "en"}, "newcomer": {2099, "New", "en"}}
	former := st.scene
	for _, p := range people {
		st.user, st.scene = p, scene{}
		st.act("/start")
	}
	st.scene = former
	return people
}

// TestRolesMatrix lets every kind of member press their own Confirm and give every command about the wallet's terms: each acts in the
// permitted cells only, and what is refused changes nothing.
func TestRolesMatrix(t *testing.T) {
	commands := map[string][]string{
		"owner admin": {"/members C-1000000 viewer", "/members all viewer", "/limits day 9000", "/limits member 800", "/limits freeze",
			"/limits quiet 22:00-08:00", "/limits file csv", "/limits file 2h", "/watch GRAB2000-9L7", "/limits 2002 700", "/members 2002 viewer"},
		"admin": {"/limit 500", "/tier gold", "/unlink"},
	}
	for _, who := range []string{"owner", "buyer", "viewer", "admin", "newcomer"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			st := linked(t)
			p := st.cast()[who]
			for allowed, list := range commands {
				for _, line := range list {
					may := strings.Contains(" "+allowed+" ", " "+who+" ")
					st.user = p
					before := st.state()
					st.act(line)
					changed := cmp.Diff(before, st.state()) != ""
					if line == "/members C-1000000 viewer" { // nobody has this number
						may = false
					}
					if changed != may {
						t.Errorf("%s changes something: %v, want %v", line, changed, may)
					}
					st.user = person{admin, "Nadia", "en"}
					st.act("/link")
					for _, undo := range []string{"/members all none", "/limits day none", "/limits member none", "/limits unfreeze", "/limits quiet off",
						"/limits file text", "/limits 2002 none", "/members 2002 buyer", "/limit none", "/tier none", "/watch off"} {
						st.act(undo)
					}
					st.user = p
				}
			}
			if n := st.denied(p.id); (n >= 2) == (who == "owner" || who == "admin") { // one line for each kind of act; more of it are counted
				t.Errorf("%d tries are on record", n)
			}
			before := st.state()
			st.act("/send C-4821 5")
			if may := who == "owner"; may {
				st.press("Confirm")
			}
			if sent := cmp.Diff(before, st.state()) != ""; sent != (who == "owner") {
				t.Errorf("sent: %v", sent)
			}
			before = st.state()
			st.act("/buy GRAB2000-9L7 1")
			st.press("Confirm")
			if bought := cmp.Diff(before, st.state()) != ""; bought != (who != "viewer") {
				t.Errorf("bought: %v", bought)
			}
		})
	}
}

// TestRoleByReply holds that a role is given to the person whose message is replied to.
func TestRoleByReply(t *testing.T) {
	st := linked(t)
	st.cast()
	st.user = person{karim, "Karim", "en"}
	st.do(Input{Command: "members", Text: "viewer", Replied: lina})
	g, err := st.shop.Group(t.Context(), shop5)
	st.must(err)
	if role := g.Terms.Role(lina); role != store.RoleViewer {
		t.Errorf("Lina is %s", role)
	}
}
