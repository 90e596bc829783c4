package flows

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	table := verbs()
	token := strings.Repeat("A", 43)
	for data, good := range map[string]bool{
		"menu": true, "+menu": true, "cats:0": true, "cats:12": true, "fam:PSN-DE:3": true, "s:K7M29QXW:" + token: true,
		"qty:PSN-DE-10:50": true, "logday:20300304:1": true, "credit:u1-x.y_Z": true,
		"": false, "+": false, "++menu": false, "menu:": false, "menu:1": false, "cats": false, "cats:": false, "cats:01": false,
		"cats:-1": false, "cats:99999": false, "fam:psn:0": false, "fam::0": false, "fam:ABCDEFGHIJKLMNOPQ:0": false,
		"s:K7M29QX0:" + token: false, "s:K7M29QXW:" + token + "A": false, "s:K7M29QXW:short": false, "qty:A:0": false,
		"nothing:1": false, "Menu": false, "menu\x00": false, "loguser:0123:0": false, strings.Repeat("a", 65): false,
	} {
		_, _, err := parse(data, table)
		if (err == nil) != good {
			t.Errorf("parse(%q): %v, want good=%v", data, err, good)
		}
	}
	if n := len("+s:K7M29QXW:" + token); n > dataLimit {
		t.Errorf("a Show button has %d bytes", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"menu", "+fam:PSN-DE:3", "s:K7M29QXW:" + strings.Repeat("A", 43), "cats:0", ":::", "qty:A:٣"} {
		f.Add(seed)
	}
	table := verbs()
	f.Fuzz(func(t *testing.T, data string) {
		p, v, err := parse(data, table)
		if err != nil {
			return
		}
		again := strings.Join(append([]string{p.verb}, p.args...), ":")
		if p.fresh {
			again = "+" + again
		}
		if again != data || len(data) > dataLimit || v.act == nil || len(p.args) != len(v.args) {
			t.Errorf("%q was taken apart into %+v", data, p)
		}
	})
}
