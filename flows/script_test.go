package flows

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/providers/giftz/sandbox"
	dzsandbox "cardrop/providers/oneclickdz/sandbox"
)

var update = flag.Bool("update", false, "rewrite the scripts") //nolint:gochecknoglobals // a flag of the test binary

// TestDialogues replays testdata/*.talk. A line that begins with > is what the customer does: a command, a text, or [a button]
// by a part of its label on the newest message that has it. A line that begins with * is what happens besides: see direct.
// A line that begins with # is a remark. All else is what the shop says; what it sets apart in a text that runs right to left is
// written between the brackets of plain. The client's language is the one in the script's name.
func TestDialogues(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/*.talk")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".talk"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			st := stageOf(t, path)
			st.check = func(r Reply) { sound(t, st, r) }
			parts := strings.Split(path, ".")
			st.user.language = parts[len(parts)-2]
			got := play(st, string(want))
			for _, place := range st.leaks(got) {
				t.Errorf("%s hold a code", place)
			}
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-script +shop:\n%s", diff)
			}
		})
	}
}

// leaks searches for every code that was sold: in what the shop said outside of the code pages' spoilers, in the log and in
// the memory.
func (st *stage) leaks(said string) []string {
	st.t.Helper()
	secrets := st.sold()
	places := map[string]string{"the shop's words": said, "the log": st.logs.String(), "the memory": st.redis.Dump()}
	var found []string
	for name, text := range places {
		if slices.ContainsFunc(secrets, func(s string) bool { return s != "" && strings.Contains(text, s) }) {
			found = append(found, name)
		}
	}
	return found
}

// sold is every secret that the suppliers sold.
func (st *stage) sold() []string {
	var secrets []string
	for _, s := range st.giftz.Sold() {
		secrets = append(secrets, s.Secrets...)
	}
	for _, s := range st.dz.Sold() {
		secrets = append(append(secrets, s.Codes...), s.Serials...)
	}
	return secrets
}

// TestLeaksAreFound is the control of the search: a planted code is found.
func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	play(st, "* credit 1001 5000\n> /buy GRAB2000-9L7 1\n> [Confirm]\n* work\n> [Show]")
	secrets := st.sold()
	if len(secrets) == 0 || len(st.leaks(st.said.String())) != 0 {
		t.Fatalf("%d secrets sold, leaks %v", len(secrets), st.leaks(st.said.String()))
	}
	st.logs.WriteString("planted " + secrets[0])
	if got := st.leaks(secrets[len(secrets)-1]); len(got) != 2 {
		t.Errorf("two planted codes were found in %v", got)
	}
}

// TestEveryScriptInEveryLanguage holds that each dialog is told in each language the shop speaks.
func TestEveryScriptInEveryLanguage(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.en.talk")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		for _, language := range openWords(t).Languages() {
			other := strings.TrimSuffix(path, "en.talk") + language + ".talk"
			if _, err := os.Stat(other); err != nil {
				t.Errorf("%s is missing", other)
			}
		}
	}
}

// stageOf is the shop of a script: the one about approvals has acts that need them.
func stageOf(t *testing.T, path string) *stage {
	t.Helper()
	st := newStage(t)
	if strings.HasPrefix(filepath.Base(path), "approvals.") {
		st.guard()
	}
	if strings.HasPrefix(filepath.Base(path), "links.") {
		st.linking()
	}
	return st
}

// play runs the customer's lines of a script and returns the script as the shop answers it now.
func play(st *stage, script string) string {
	st.t.Helper()
	for line := range strings.SplitSeq(script, "\n") {
		switch {
		case strings.HasPrefix(line, "# "):
			st.print("%s", line)
		case strings.HasPrefix(line, "> "):
			st.print("\n%s", line)
			st.act(strings.TrimPrefix(line, "> "))
		case strings.HasPrefix(line, "* "):
			st.print("\n%s", line)
			st.direct(strings.Fields(line)[1:])
		}
	}
	return st.said.String()
}

// act does what a customer's line says.
func (st *stage) act(line string) {
	st.t.Helper()
	if strings.Contains(line, "$") { // to look for them is slow
		line = strings.ReplaceAll(strings.ReplaceAll(line, "$order", st.named()), "$topup", st.requested())
	}
	picture, isPicture := strings.CutPrefix(line, "🖼 ")
	switch {
	case isPicture: // its name, and the caption
		name, caption, _ := strings.Cut(picture, " ")
		st.do(Input{Text: caption, Picture: Picture{File: name, Unique: "unique-" + name}})
	case strings.HasPrefix(line, "["):
		st.press(strings.Trim(line, "[]"))
	case strings.HasPrefix(line, "/"):
		name, args, _ := strings.Cut(line[1:], " ")
		name, bot, _ := strings.Cut(name, "@")
		st.do(Input{Command: strings.ToLower(name), Text: args, Direct: bot != ""})
	default:
		st.do(Input{Text: line})
	}
	st.notices()
}

// named is the order that was named last, which scripts call $order.
func (st *stage) named() string {
	all := regexp.MustCompile(`(?:Order|Commande|الطلبية) ⟨?([2-9A-Z]{4})-([2-9A-Z]{4})`).FindAllStringSubmatch(st.said.String(), -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1][1] + all[len(all)-1][2]
}

// requested is the top-up that was named last, which scripts call $topup.
func (st *stage) requested() string {
	all := regexp.MustCompile(`\b([2-9A-Z]{3})-([2-9A-Z]{3})\b`).FindAllStringSubmatch(strings.ReplaceAll(st.said.String(), "4F7-K2M", ""), -1) // but for the example of /reverse
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1][0]
}

// press presses the button with that label, or a part of it, on the newest message.
func (st *stage) press(label string) {
	st.t.Helper()
	c := st.chat(st.scene.at(st.user.id))
	for _, id := range slices.Backward(c.order) {
		n := c.messages[id]
		if n == nil {
			continue
		}
		for _, row := range n.rows {
			for _, b := range row {
				if b.Data != "" && strings.Contains(unbracketed(plain(b.Text)), unbracketed(label)) {
					st.do(Input{Button: b.Data, Message: id})
					return
				}
			}
		}
	}
	st.t.Fatalf("no button %q\n%s", label, st.said)
}

// direct does what a stage direction says.
func (st *stage) direct(words []string) {
	st.t.Helper()
	for i, word := range words {
		if strings.Contains(word, "$order") {
			words[i] = strings.ReplaceAll(word, "$order", st.named())
		}
	}
	arg := func(i int) string {
		if i >= len(words) {
			st.t.Fatalf("direction %v is too short", words)
		}
		return words[i]
	}
	number := func(i int) int64 {
		n, err := strconv.ParseInt(arg(i), 10, 64)
		st.must(err)
		return n
	}
	switch words[0] {
	case "credit": // user, whole units
		_, _, err := st.shop.Credit(st.t.Context(), checkout.CreditRequest{
			Admin: admin, User: number(1), Amount: number(2) * 100, Note: "cash", Ref: "r" + strconv.Itoa(len(st.said.String())),
		})
		st.must(err)
	case "work": // the supplier is asked, notices go out
		st.work()
	case "wait": // time passes
		d, err := time.ParseDuration(arg(1))
		st.must(err)
		st.wait(d)
	case "retain": // the retention looks, and notices go out
		st.must(st.shop.Retain(st.t.Context()))
		st.work()
	case "fault": // of the voucher supplier, how often (0: until it is well), in which call
		path := ""
		if len(words) > 3 {
			path = words[3]
		}
		st.must(st.giftz.Fault(sandbox.Trouble{Fault: sandbox.Fault(arg(1)), Times: int(number(2)), Path: path}))
	case "dzfault": // the same of the supplier of gift cards and internet cards
		path := ""
		if len(words) > 3 {
			path = words[3]
		}
		st.must(st.dz.Fault(dzsandbox.Trouble{Fault: dzsandbox.Fault(arg(1)), Times: int(number(2)), Path: path}))
	case "slow": // gift cards take that long
		d, err := time.ParseDuration(arg(1))
		st.must(err)
		st.dz.SetDelay(d)
	case "price": // of a gift card's line, in centimes
		st.dz.SetPrice(arg(1), number(2))
	case "dzstock": // of a gift card's line
		st.dz.SetStock(arg(1), int(number(2)))
	case "well": // all are well again
		st.giftz.Clear()
		st.dz.Clear()
	case "stock": // of a voucher
		st.giftz.SetStock(arg(1), int(number(2)))
	case "about": // the next line replies to a message forwarded from a person: id, or hidden
		st.about = About{Hidden: arg(1) == "hidden"}
		if !st.about.Hidden {
			st.about.User = number(1)
		}
	case "host": // how Redis and the backups stand
		st.host = Host{Memory: arg(1), Backups: arg(2), Retired: 1}
		if arg(2) == BackupsOff {
			st.host.Links = LinksOff
		}
	case "appoint": // id, role or none
		_, err := st.shop.Appoint(st.t.Context(), admin, number(1), unless(arg(2), noRole))
		st.must(err)
	case "user": // id, name, language
		st.user = person{number(1), arg(2), arg(3)}
	case "repeat": // the last update comes once more
		st.do(st.last)
	case "forge": // a press with any data, on message 1 or the one that is named
		m := int64(1)
		if len(words) > 2 {
			m = number(2)
		}
		st.do(Input{Button: arg(1), Message: int(m)})
	case "redraw": // the last reply was lost
		reply, err := st.desk.Redraw(st.t.Context(), TalkID{Chat: st.user.id})
		st.must(err)
		st.draw(TalkID{Chat: st.user.id}, reply, true)
	default:
		if !st.directGroup(words) && !st.directShelf(words) && !st.directReconcile(words) && !st.directPaying(words) && !st.directCasting(words) && !st.directRehearsing(words) && !st.directLinks(words) {
			st.t.Fatalf("unknown direction %q", words)
		}
	}
}

// plain writes a text with ordinary spaces and with visible signs for what sets its pieces apart.
func plain(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", isolateLeft, "⟨", isolateFirst, "⟪", isolateEnd, "⟩",
		markLeftward, "").Replace(text)
}

// unbracketed leaves those signs out, as nobody types them.
func unbracketed(text string) string {
	return strings.NewReplacer("⟨", "", "⟪", "", "⟩", "").Replace(text)
}

// sound checks what every reply has to be: texts and buttons within the Bot API's limits, and every button known here.
func sound(t *testing.T, st *stage, r Reply) {
	t.Helper()
	if n := units(r.Alert); n > alertLimit {
		t.Errorf("alert of %d units: %q", n, r.Alert)
	}
	for _, s := range r.Screens {
		if n := units(s.Text); n < 1 || n > textLimit || (s.Picture.File != "" || s.File != nil) && n > captionLimit {
			t.Errorf("text of %d units: %.60q", n, s.Text)
		}
		for _, m := range s.Marks {
			if m.Offset < 0 || m.Length < 1 || m.Offset+m.Length > units(s.Text) {
				t.Errorf("mark %v outside of a text of %d units", m, units(s.Text))
			}
		}
		for _, row := range s.Rows {
			for _, b := range row {
				if b.Copy != "" {
					if n := units(b.Copy); n > 256 || b.Data != "" {
						t.Errorf("button %q copies %d units", b.Text, n)
					}
					continue
				}
				if b.URL != "" {
					if b.Data != "" {
						t.Errorf("button %q leads to two places", b.Text)
					}
					continue
				}
				if b.Start != "" {
					if !isPass(b.Start) || b.Data != "" {
						t.Errorf("button %q has the payload %q", b.Text, b.Start)
					}
					continue
				}
				if len(b.Data) < 1 || len(b.Data) > dataLimit {
					t.Errorf("button %q has %d bytes of data", b.Text, len(b.Data))
				}
				if b.Text == "" || units(b.Text) > 64 {
					t.Errorf("button %q has a bad label", b.Text)
				}
				if err := st.answered(b.Data); err != nil {
					t.Errorf("button %q has data %q that nobody answers", b.Text, b.Data)
				}
			}
		}
	}
}

// wide is a text in UTF-16 code units.
type wide []uint16

func utf16s(s string) wide { return utf16.Encode([]rune(s)) }

func (w wide) cut(from, to int) string { return string(utf16.Decode(w[from:to])) }
