package flows

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/store"
)

// FuzzThreat10Codes: a code comes to the screen byte for byte, under a spoiler of exactly its own UTF-16 units, on the copy button
// whole, and in no language anywhere else.
func FuzzThreat10Codes(f *testing.F) {
	for _, code := range []string{"<b>x</b>", "_*`[a](b)~||", "GZ-7QX2", "😀😀", "e\u0301", "كود-123", "&lt;", "a|b\\c", "𝒳"} {
		f.Add(code, "SER-"+code)
	}
	w, err := NewWords(WordsOptions{Default: "en", Timezone: time.UTC, Currency: "DZD", Support: "@cardrop_help", Hours: "9–18"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, code, serial string) {
		if strings.TrimSpace(code) == "" || !utf8.ValidString(code) || !utf8.ValidString(serial) || len(code) > 200 || len(serial) > 200 {
			return // not accepted from a supplier, or a file
		}
		for _, language := range w.Languages() {
			p := parcel(providers.GiftCard, providers.Card{Code: providers.NewSecret(code), Serial: providers.NewSecret(serial)})
			p.Language = language
			page, err := w.Codes(p)
			if err != nil {
				t.Fatal(err)
			}
			if page.File != nil {
				continue
			}
			units, hidden := utf16.Encode([]rune(page.Text.Expose())), []string{}
			for _, m := range page.Marks {
				if m.Kind != "spoiler" {
					continue
				}
				if m.Offset < 0 || m.Length <= 0 || m.Offset+m.Length > len(units) {
					t.Fatalf("%s: a mark of %d units at %d, the text has %d", language, m.Length, m.Offset, len(units))
				}
				hidden = append(hidden, string(utf16.Decode(units[m.Offset:m.Offset+m.Length])))
			}
			want := []string{code}
			if serial != "" {
				want = append(want, serial)
			}
			if diff := cmp.Diff(want, hidden); diff != "" {
				t.Errorf("%s: what is hidden (-want +got):\n%s", language, diff)
			}
			if got := slices.IndexFunc(page.Copy, func(c CopyButton) bool { return c.Copy.Expose() == code }); got < 0 {
				t.Errorf("%s: no button copies the code", language)
			}
		}
	})
}

// hiddenCode is how the stage prints a spoiler: only pages with codes have one.
const hiddenCode = "████"

// served is a stage on which Amine holds an unopened card, and a second basket that waits for Confirm.
func served(t *testing.T) (st *stage, order store.Order, show, confirm string, code string) {
	t.Helper()
	st = linked(t)
	st.scene, st.user = scene{}, person{1001, "Amine", "en"}
	st.direct([]string{"credit", "1001", "5000"})
	st.act("/buy GRAB2000-9L7 1")
	st.press("Confirm")
	st.work()
	c := st.chat(1001)
	for _, id := range slices.Backward(c.order) {
		for _, b := range slices.Concat(c.messages[id].rows...) {
			if _, rest, ok := strings.Cut(b.Data, "s:"); ok && len(rest) == 8+1+43 {
				show = "s:" + rest
			}
		}
		if show != "" {
			break
		}
	}
	var err error
	if order, err = st.shop.Order(t.Context(), show[2:10], 1001); err != nil {
		t.Fatal(err)
	}
	st.act("/buy GRAB2000-9L7 2")
	confirm = st.chat(1001).messages[slices.Max(c.order)].rows[0][0].Data
	sold := st.giftz.Sold()
	return st, order, show, confirm, sold[len(sold)-1].Codes[0]
}

// about is callback data of every kind that private chats know, about Amine's order, with the token that really opens it.
func about(order store.Order, show, confirm string) map[string]string {
	out := map[string]string{}
	for name, v := range verbs() {
		data := name
		for _, shape := range v.args {
			for _, arg := range []string{"GRAB2000-9L7", order.ID, "1", show[11:], "0a1b2c3d", "20300304", "fr", actBought} {
				if shape(arg) {
					data += ":" + arg
					break
				}
			}
		}
		out[name] = data
	}
	out["s"], out["buy"] = show, strings.TrimPrefix(confirm, "+")
	return out
}

// TestThreat20CallbackMatrix sends every kind of callback data about Amine's order as everybody else. No cell touches what is
// Amine's or anybody's money, none names the order to who is no admin, and only the cells of the table act.
func TestThreat20CallbackMatrix(t *testing.T) {
	t.Parallel()
	acts := map[string][]string{ // cells that may change something, and whose
		"an admin": {"retry", "recagn", // asks the supplier about an order that is not final, this one is; asks for a comparison
			"rehearse",  // asks for a rehearsal, in a shop of its own
			"banned",    // stops the customer that it names from buying: an admin's act, and on record
			"goodhide"}, // takes the product that it names out of the window: the same
	}
	people := map[string]person{"another customer": {2002, "Lina", "en"}, "a reseller": {karim, "Karim", "en"}, "a group's member": {lina, "Lina", "en"},
		"an admin": {admin, "Nadia", "en"}, "the id of all anonymous admins": {veiledUser, "Group", "en"}, "a namesake": {2003, "Amine", "en"}}
	st, order, show, confirm, code := served(t)
	cells := about(order, show, confirm)
	if len(cells) != len(verbs()) {
		t.Fatalf("%d cells for %d kinds of buttons", len(cells), len(verbs()))
	}
	before, his := st.state(), talkIn(st, 1001)
	for who, p := range people {
		st.user = p
		for name, data := range cells {
			for _, prefix := range []string{"", "+"} {
				reply := st.do(Input{Button: prefix + data, Message: 1})
				text := fmt.Sprintf("%+v", reply)
				if strings.Contains(text, code) || strings.Contains(st.said.String(), hiddenCode) {
					t.Fatalf("%s, %s: shows the code", who, name)
				}
				if p.id != admin && (strings.Contains(text, order.ID) || strings.Contains(text, orderName(order.ID))) {
					t.Errorf("%s, %s: tells of the order: %s", who, name, text)
				}
				after := st.state()
				if diff := cmp.Diff(before, after); diff != "" && !slices.Contains(acts[who], name) {
					t.Errorf("%s, %s: changes the shop:\n%s", who, name, diff)
				}
				before = after
				if diff := cmp.Diff(his, talkIn(st, 1001)); diff != "" {
					t.Errorf("%s, %s: changes Amine's talk:\n%s", who, name, diff)
				}
			}
		}
	}
	st.must(st.shop.SetTrait(t.Context(), admin, "GRAB2000-9L7", checkout.TraitHidden, "", ""))
	st.user = person{1001, "Amine", "en"} // and all of it is still the owner's
	st.do(Input{Button: show, Message: 1})
	if o, err := st.shop.Order(t.Context(), order.ID, 1001); err != nil || o.Reveal.State != store.Shown {
		t.Errorf("the owner's Show: %v, %v", o.Reveal.State, err)
	}
	st.do(Input{Button: confirm, Message: 1})
	if list, _, err := st.shop.Orders(t.Context(), 1001, 0, 10); err != nil || len(list) != 2 {
		t.Errorf("the owner's Confirm: %d orders, %v", len(list), err)
	}
}

// talkIn is the talk of a private chat as it is stored.
func talkIn(st *stage, chat int64) store.Talk {
	st.t.Helper()
	kept, err := st.store.LoadTalk(st.t.Context(), chat, 0)
	st.must(err)
	return kept
}

// TestThreat22AdminsByID: the same names with another id are nobody, in private, in a group, and as the group; and no dangerous command
// of an admin acts before its second tap.
func TestThreat22AdminsByID(t *testing.T) {
	t.Parallel()
	st, order, _, _, _ := served(t)
	name := orderName(order.ID)
	dangerous := map[string]string{"credit": "1001 50 x", "refund": name + " x", "resolve": name + " bought x", "release": name + " x",
		"supply": name, "resume": "giftz", "retry": name, "suppliers": "", "stuck": "", "audit": "order " + name}
	for command, c := range commands() {
		if _, listed := dangerous[command]; c.admin && !listed {
			dangerous[command] = name
		}
	}
	unknown := func(p person, where scene) []string {
		st.user, st.scene = p, where
		var wrong []string
		want := st.do(Input{Command: "nosuchcommand"})
		for command, text := range dangerous {
			before := st.state()
			got := st.do(Input{Command: command, Text: text})
			if cmp.Diff(want.Screens, got.Screens) != "" || cmp.Diff(before, st.state()) != "" {
				wrong = append(wrong, command)
			}
		}
		st.scene = scene{}
		return wrong
	}
	for who, p := range map[string]person{"namesake": {2009, "Nadia", "en"}, "anonymous admins": {veiledUser, "Nadia", "en"}} {
		if wrong := unknown(p, scene{}); len(wrong) > 0 {
			t.Errorf("%s: %v answer", who, wrong)
		}
	}
	for who, where := range map[string]scene{"in a group": {group: shop5}, "as the group": {group: shop5, veiled: true}} {
		if wrong := unknown(person{admin, "Nadia", "en"}, where); len(wrong) > 0 {
			t.Errorf("the admin %s: %v answer", who, wrong)
		}
	}
	st.user = person{admin, "Nadia", "en"}
	if wrong := unknown(st.user, scene{}); len(wrong) < 8 {
		t.Errorf("only %v answer the admin: the comparison proves nothing", wrong)
	}
	for command, text := range dangerous {
		before := st.state()
		st.do(Input{Command: command, Text: text})
		if diff := cmp.Diff(before, st.state()); diff != "" {
			t.Errorf("/%s acts at once:\n%s", command, diff)
		}
	}
	if strings.Contains(st.said.String(), hiddenCode) {
		t.Error("a code was shown")
	}
}

// TestThreat41AdminsSeeNoCode: whatever an admin asks for, no answer holds the code of a customer's card: sealed, on screen, shown and
// refunded.
func TestThreat41AdminsSeeNoCode(t *testing.T) {
	t.Parallel()
	st, order, show, confirm, code := served(t)
	name, boss, owner := orderName(order.ID), person{admin, "Nadia", "en"}, person{1001, "Amine", "en"}
	st.user = boss
	bears := func(reply Reply) bool {
		text := fmt.Sprintf("%+v", reply)
		for _, s := range reply.Screens {
			if s.File != nil {
				text += string(s.File.Data)
			}
		}
		return strings.Contains(text, code)
	}
	asks := func(state string) {
		t.Helper()
		st.user = boss
		from := st.said.Len()
		for command := range commands() {
			for _, text := range []string{"", name, order.ID, "order " + name, "user 1001", name + " 1 x", name + " bought x", name + " not-bought x", "1001 5 x"} {
				if bears(st.do(Input{Command: command, Text: text})) {
					t.Errorf("%s: /%s %s tells the code", state, command, text)
				}
			}
		}
		for verb, data := range about(order, show, confirm) {
			if bears(st.do(Input{Button: data, Message: 1})) {
				t.Errorf("%s: %s tells the code", state, verb)
			}
		}
		if strings.Contains(st.said.String()[from:], hiddenCode) {
			t.Errorf("%s: an admin was shown a page of codes", state)
		}
	}
	asks("sealed")
	st.user = owner
	st.do(Input{Button: show, Message: 1})
	if !strings.Contains(st.said.String(), hiddenCode) {
		t.Fatal("the owner was not shown the code: the search proves nothing")
	}
	asks("on screen")
	st.wait(2 * time.Minute)
	asks("shown")
	st.user = boss
	st.do(Input{Command: "refund", Text: name + " wrong"})
	from := st.said.Len()
	st.press("Confirm")
	asks("refunded")
	if strings.Contains(st.said.String()[from:], hiddenCode) {
		t.Error("the refund shows the code")
	}
	if _, err := st.shop.Audit(t.Context(), admin, checkout.AuditQuery{Order: order.ID}); err != nil {
		t.Error(err)
	}
}
