package flows

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"cardrop/providers"
)

// TestPiecesAreSetApart holds what is isolated in a text that runs right to left, and that other languages are left alone.
func TestPiecesAreSetApart(t *testing.T) {
	w := openWords(t)
	for piece, want := range map[string]string{
		"":                    "",
		"?":                   "?",
		" · ":                 " · ",
		"K7M2-9QXW":           "⟨K7M2-9QXW⟩",
		"0661 22 33 44":       "⟨0661 22 33 44⟩",
		"14:02:05":            "⟨14:02:05⟩",
		"@cardrop_help":       "⟨@cardrop_help⟩",
		"بطاقة":               "بطاقة",
		"أمين Amine":          "⟪أمين Amine⟩",
		"الطلبية ⟨K7M2-9QXW⟩": "الطلبية ⟨K7M2-9QXW⟩",
		"A\nB":                "⟨A⟩\n⟨B⟩",
		"Eve\u202eXYZ":        "⟨EveXYZ⟩",
		"Eve\u2069\u2069 XYZ": "⟨Eve XYZ⟩",
		"Eve\u2067 XYZ":       "⟨Eve XYZ⟩",
		"⟨1 240⟩ دج":          "⟨1 240⟩ دج",
	} {
		piece = strings.NewReplacer("⟨", isolateLeft, "⟩", isolateEnd).Replace(piece)
		if got := plain(w.in("ar").isolate(piece)); got != want {
			t.Errorf("ar: %q is written %q, want %q", piece, got, want)
		}
		for _, language := range []string{"en", "fr"} {
			if got := w.in(language).isolate(piece); got != piece {
				t.Errorf("%s: %q is written %q", language, piece, got)
			}
		}
	}
	if got := w.in("ar").alone("PSN Germany"); got != markLeftward+isolateLeft+"PSN Germany"+isolateEnd {
		t.Errorf("a line of its own is %q", got)
	}
	if got := w.in("fr").alone("PSN Germany"); got != "PSN Germany" {
		t.Errorf("fr: a line of its own is %q", got)
	}
}

// TestLatinInsideOfWords holds that commands, numbers to dial and names are set apart inside of the Arabic words themselves, and
// that layouts of times are not.
func TestLatinInsideOfWords(t *testing.T) {
	s := openWords(t).in("ar")
	for key, want := range map[string]string{
		"saved":                "⟨/orders⟩",
		"command.buy":          "⟨/buy [code] [quantité]⟩",
		"how.internet.ADSL":    "⟨*600#⟩",
		"account.body.4G":      "⟨+213 661 22 33 44⟩",
		"account.example.ADSL": "⟨ADSL⟩ هو 0 ثم 8 أرقام، هكذا: 021234567.",
		"service.4G":           "⟨4G LTE⟩ (اتصالات",
		"usage.credit":         "⟨/credit <client> <montant> <note> [#réf]⟩",
		"menu.title":           "⟨Cardrop⟩",
		"usage.resolve":        "⟨K7M2-9QXW.2⟩",
		"help.body":            "⟨/orders⟩.",
	} {
		if got := plain(s.say(key)); !strings.Contains(got, want) {
			t.Errorf("%s is %q, which lacks %q", key, got, want)
		}
	}
	for _, key := range []string{"layout.clock", "layout.moment", "layout.day"} {
		if isolated(s.say(key)) {
			t.Errorf("%s is %q", key, s.say(key))
		}
	}
	if _, err := setApart([]byte("[1]")); err == nil {
		t.Error("a file that is no list of words was read")
	}
}

// TestPluralsOfArabic counts through all six forms.
func TestPluralsOfArabic(t *testing.T) {
	s := openWords(t).in("ar")
	for n, want := range map[int]string{
		0: "لم تصل أي بطاقة", 1: "بطاقة واحدة", 2: "بطاقتان", 3: "3 بطاقات", 10: "10 بطاقات", 11: "11 بطاقة", 99: "99 بطاقة",
		100: "100 بطاقة", 103: "103 بطاقات", 111: "111 بطاقة",
	} {
		if got := s.count("status.fulfilled", n); !strings.Contains(got, want) {
			t.Errorf("%d: %q", n, got)
		}
	}
}

// TestNoArabicDigitIsWritten holds that the words count in the digits the country uses.
func TestNoArabicDigitIsWritten(t *testing.T) {
	for key, all := range texts(t, "ar") {
		for _, text := range all {
			if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsDigit(r) && r > '9' }) {
				t.Errorf("%s: %q", key, text)
			}
		}
	}
}

// TestArabicCodePages holds that codes stay byte for byte what the supplier sold: in the message each is under a spoiler of exactly
// its own units, with the isolate around it; in a file each has a line of its own; copy buttons carry nothing else.
func TestArabicCodePages(t *testing.T) {
	w := openWords(t)
	p := parcel(providers.GiftCard, secretCard(1), secretCard(2))
	p.Language = "ar"
	page, err := w.Codes(p)
	if err != nil {
		t.Fatal(err)
	}
	text := utf16s(page.Text.Expose())
	for _, m := range page.Marks {
		if m.Kind != "spoiler" {
			continue
		}
		around := text.cut(m.Offset-1, m.Offset) + text.cut(m.Offset+m.Length, m.Offset+m.Length+1)
		if around != isolateLeft+isolateEnd || strings.ContainsFunc(text.cut(m.Offset, m.Offset+m.Length), directs) {
			t.Errorf("a secret is not set apart from outside: %q", around)
		}
	}
	for _, c := range page.Copy {
		if strings.ContainsFunc(c.Copy.Expose(), directs) {
			t.Errorf("%s copies more than the secret", c.Text)
		}
	}
	p.File = true
	if page, err = w.Codes(p); err != nil {
		t.Fatal(err)
	}
	document := strings.Split(page.File.Data.Expose(), "\n")
	for _, c := range p.Cards {
		for _, secret := range []string{c.Code.Expose(), c.Serial.Expose()} {
			if !slices.Contains(document, secret) {
				t.Error("a secret has no line of its own in the file")
			}
		}
	}
}

// TestArabicPlaceholder holds that the message before the codes, and what stays after them, speak Arabic.
func TestArabicPlaceholder(t *testing.T) {
	w := openWords(t)
	to := parcel(providers.GiftCard, secretCard(1)).Recipient
	to.Language, to.Life = "ar", 2*time.Minute
	s := w.Placeholder(to)
	title := utf16s(s.Text).cut(s.Marks[0].Offset, s.Marks[0].Offset+s.Marks[0].Length)
	if title != "🔐 بطاقتك في الطريق…" || !strings.Contains(plain(s.Text), "الطلبية ⟨K7M2-9QXW⟩") || !strings.Contains(s.Text, "دقيقتين") {
		t.Errorf("%q under the title %q", plain(s.Text), title)
	}
	text, file := w.Expired("ar")
	if !strings.Contains(text, "انتهت") || file.Name != "expired.txt" {
		t.Errorf("%q, %+v", text, file)
	}
}

// TestEveryoneHearsTheirLanguage holds which language a client's tag gets, and that a group of them is no exception.
func TestEveryoneHearsTheirLanguage(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	for tag, want := range map[string]string{"ar": "مرحبا", "ar-DZ": "مرحبا", "fr-DZ": "Bienvenue", "en": "Welcome", "": "Welcome"} {
		st.user = person{5000 + int64(len(tag)), "Amine", tag}
		reply := st.do(Input{Command: "start"})
		if len(reply.Screens) != 1 || !strings.Contains(reply.Screens[0].Text, want) {
			t.Errorf("%q is greeted with %+v", tag, reply.Screens)
		}
	}
}

// TestLanguagesByTheirNames holds that the menu of languages names each in itself.
func TestLanguagesByTheirNames(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	reply := st.do(Input{Command: "language"})
	var names []string
	for _, b := range slices.Concat(reply.Screens[0].Rows...) {
		names = append(names, b.Text)
	}
	for _, name := range []string{"✓ English", "Français", "العربية"} {
		if !slices.Contains(names, name) {
			t.Errorf("%q lacks %q", names, name)
		}
	}
}

// TestClipEndsIsolates holds that a text that is cut keeps its pieces apart, and its length.
func TestClipEndsIsolates(t *testing.T) {
	text := "الطلبية " + isolateLeft + "K7M2-9QXW" + isolateEnd + " جاهزة"
	for n := 1; n <= units(text); n++ {
		got := clip(text, n)
		if units(got) > n || strings.Count(got, isolateLeft) != strings.Count(got, isolateEnd) {
			t.Errorf("clip to %d gives %q", n, got)
		}
	}
}

// TestCommandsInArabic holds that every command's description is Arabic.
func TestCommandsInArabic(t *testing.T) {
	for _, c := range openWords(t).Commands("ar", Owner) {
		if !strings.ContainsFunc(c.Text, arabic) {
			t.Errorf("/%s: %q", c.Name, c.Text)
		}
	}
	all := texts(t, "ar")
	for _, key := range slices.Sorted(maps.Keys(all)) { // words that were left in another language
		for _, text := range all[key] {
			if strings.ContainsFunc(text, unicode.IsLetter) && !strings.ContainsFunc(strings.ReplaceAll(text, "{{", ""), arabic) &&
				!strings.HasPrefix(key, "layout.") && !strings.Contains(text, "{{.") {
				t.Errorf("%s is not Arabic: %q", key, text)
			}
		}
	}
}
