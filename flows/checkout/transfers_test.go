package checkout

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTransferSettings reads accounts as operators write them, and says which one is wrong and what of it.
func TestTransferSettings(t *testing.T) {
	t.Parallel()
	good, err := NewTransfer(MethodCCP, " Mourad Saidi | 0012345678|28 |10 000; Nadia|23456789|88;", 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []PayAccount{
		{Fields: []PayField{{"holder", "Mourad Saidi"}, {"account", "0012345678"}, {"key", "28"}}, Ceiling: 10_000_00},
		{Fields: []PayField{{"holder", "Nadia"}, {"account", "23456789"}, {"key", "88"}}},
	}
	if diff := cmp.Diff(want, good.Accounts()); diff != "" {
		t.Error(diff)
	}
	for setting, wrong := range map[string]string{
		"ccp:":                     "names no account",
		"ccp:Mourad|0012345678":    "account 1 has 2 parts",
		"ccp:Mourad|0012345678|29": "account 1 has a key",
		"ccp:A|0012345678|28;Mourad|00123456789|28": "account 2 has an account",
		"ccp:Mourad|001234567x|28":                  "account 1 has an account",
		"ccp:Mourad|0012345678|28|much":             "account 1 has a ceiling",
		"ccp:|0012345678|28":                        "account 1 has no readable holder",
		"ccp:A|0012345678|28;A|0012345678|28":       "account 2 stands there twice",
		"baridimob:Mourad|0079999900123456780":      "account 1 has a RIP that is not 20 digits",
		"baridimob:Mourad|00799999001234567804":     "account 1 has a RIP whose last two digits",
		"cash:|5":                                   "account 1 has no readable place",
		"cash:" + strings.Repeat("long ", 50):       "account 1 has no readable place",
		"pigeon:Mourad":                             "method is not known",
	} {
		method, text, _ := strings.Cut(setting, ":")
		_, err := NewTransfer(method, text, 100)
		if err == nil || !strings.HasPrefix(err.Error(), wrong) {
			t.Errorf("%s: %v, want %s", setting, err, wrong)
		}
		if err != nil && (strings.Contains(err.Error(), "Mourad") || strings.Contains(err.Error(), "00123")) {
			t.Errorf("%s: %v quotes the setting", setting, err)
		}
	}
}

// TestCheckDigits compares with accounts whose digits are known: 0023456789 has key 88 and RIP key 41.
func TestCheckDigits(t *testing.T) {
	t.Parallel()
	if got := ccpKey("23456789"); got != "88" {
		t.Errorf("key %s", got)
	}
	if got := ripKey("999990023456789"); got != "41" {
		t.Errorf("RIP key %s", got)
	}
	if _, err := NewTransfer(MethodBaridiMob, "Mourad|007 99999 0023456789 41", 100); err != nil {
		t.Error(err)
	}
}

// TestHours reads hours as people write them, and knows what it does not understand.
func TestHours(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Algiers", 3600)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, zone) } // the 2nd is a Monday
	for _, c := range []struct {
		text      string
		now, next time.Time
	}{
		{"9:00-22:00, Saturday to Thursday", at(2, 8, 59), at(2, 9, 0)},
		{"9:00-22:00, Saturday to Thursday", at(2, 9, 0), at(2, 9, 0)},
		{"9:00-22:00, Saturday to Thursday", at(5, 22, 0), at(7, 9, 0)}, // Thursday night: Friday is closed
		{"9h–18h (lun-ven)", at(6, 18, 0), at(9, 9, 0)},
		{"Sat-Thu 9.30 - 17", at(3, 9, 29), at(3, 9, 30)},
		{"9–18", at(6, 20, 0), at(7, 9, 0)},
		{"20:00 to 02:00", at(3, 1, 59), at(3, 1, 59)},
		{"20:00 to 02:00", at(3, 2, 0), at(3, 20, 0)},
		{"0:00-24:00", at(3, 2, 0), at(3, 2, 0)},
		{"dimanche et mardi 8h30-12h", at(2, 10, 0), at(3, 8, 30)},
	} {
		h := ParseHours(c.text, zone)
		if !h.Known() || !h.Next(c.now).Equal(c.next) || h.Open(c.now) != c.now.Equal(c.next) {
			t.Errorf("%q at %s: known %v, next %s, want %s", c.text, c.now, h.Known(), h.Next(c.now), c.next)
		}
	}
	for _, text := range []string{"", "always", "9-12, 14-18", "9:00-22:00 except holidays", "26-30", "9-9", "to friday 9-18"} {
		if h := ParseHours(text, zone); h.Known() || !h.Open(at(2, 3, 0)) {
			t.Errorf("%q is understood", text)
		}
	}
}
