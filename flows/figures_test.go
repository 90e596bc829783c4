package flows

import (
	"testing"
	"time"

	"cardrop/providers"
)

func TestMoneyAndTime(t *testing.T) {
	w := openWords(t)
	at := time.Date(2030, time.March, 4, 23, 30, 5, 0, time.UTC)
	cases := []struct{ language, got, want string }{
		{"en", w.in("en").money(145_000), "1,450 DZD"},
		{"en", w.in("en").money(145_050), "1,450.50 DZD"},
		{"en", w.in("en").signed(-100), "−1 DZD"},
		{"fr", w.in("fr").money(145_000), "1 450 DA"},
		{"fr", w.in("fr").money(123_456_789), "1 234 567,89 DA"},
		{"fr", w.in("fr").signed(100), "+1 DA"},
		{"en", w.in("en").amount(providers.Money{Minor: 20000, Currency: "VND"}), "20,000 VND"},
		{"en", w.in("en").amount(providers.Money{Minor: 50, Currency: "XTR"}), "50 XTR"},
		{"en", w.in("en").amount(providers.Money{}), "?"},
		{"en", w.in("en").moment(at), "5 Mar 2030 00:30:05"},
		{"fr", w.in("fr").moment(at), "05/03/2030 00:30:05"},
		{"fr", w.in("fr").until(at, at.Add(time.Minute)), "00:30:05"},
		{"en", w.in("en").region("south-africa"), "South Africa"},
		{"fr", w.in("fr").region("germany"), "Allemagne"},
		{"ar", w.in("ar").money(124_000), "⟨1 240⟩ دج"},
		{"ar", w.in("ar").money(123_456_789), "⟨1 234 567,89⟩ دج"},
		{"ar", w.in("ar").money(145_050), "⟨1 450,50⟩ دج"},
		{"ar", w.in("ar").money(-124_000), "⟨-1 240⟩ دج"},
		{"ar", w.in("ar").signed(124_000), "⟨+1 240⟩ دج"},
		{"ar", w.in("ar").signed(-100), "⟨−1⟩ دج"},
		{"ar", w.in("ar").amount(providers.Money{Minor: 20000, Currency: "VND"}), "⟨20 000⟩ ⟨VND⟩"},
		{"ar", w.in("ar").amount(providers.Money{Minor: 50, Currency: "XTR"}), "⟨50 XTR⟩"},
		{"ar", w.in("ar").moment(at), "05/03/2030 00:30:05"},
		{"ar", w.in("ar").until(at, at.Add(time.Minute)), "00:30:05"},
		{"ar", w.in("ar").region("germany"), "ألمانيا"},
		{"en", w.in("en").echo(200_000), "2,000 DZD = 200,000 centimes"},
		{"fr", w.in("fr").echo(200_000), "2 000 DA = 200 000 centimes"},
		{"fr", w.in("fr").echo(200_050), "2 000,50 DA = 200 050 centimes"},
		{"ar", w.in("ar").echo(200_000), "⟨2 000⟩ دج = ⟨200 000⟩ سنتيم"},
	}
	for _, c := range cases {
		if got := plain(c.got); got != c.want {
			t.Errorf("%s: got %q, want %q", c.language, got, c.want)
		}
	}
}
