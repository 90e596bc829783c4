package flows

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"cardrop/flows/checkout"
	"cardrop/providers"
	"cardrop/providers/giftz"
	"cardrop/providers/giftz/sandbox"
	paysandbox "cardrop/providers/ocpay/sandbox"
	dzsandbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/providers/providertest"
	"cardrop/store"
)

// stage is a whole shop on the embedded Redis with a supplier's simulator, and the chats of its customers.
type stage struct {
	t       *testing.T
	clock   *providertest.Clock
	redis   *miniredis.Miniredis
	store   *store.Store
	shop    *checkout.Shop
	desk    *Desk
	words   *Words
	options checkout.Options
	host    Host
	giftz   *sandbox.Server
	dz      *dzsandbox.Server
	logs    *strings.Builder
	chats   map[int64]*chat
	user    person
	update  int64
	last    Input
	said    *strings.Builder
	check   func(Reply) // looks at every reply
	pages   *paysandbox.Server
	scene   scene // where the person talks
	about   About // whom the next input is about
	links   func(language, token string) string
	opened  string // the link that was looked for last
}

// person is who is talking.
type person struct {
	id       int64
	name     string
	language string
}

// chat is one chat as its owner sees it.
type chat struct {
	next     int
	order    []int
	messages map[int]*note
}

// note is one message.
type note struct {
	text  string
	rows  [][]Button
	photo bool
}

const admin = 9

func newStage(t *testing.T) *stage {
	t.Helper()
	ctx := t.Context()
	st := &stage{
		t: t, clock: providertest.NewClock(), redis: miniredis.RunT(t), chats: map[int64]*chat{}, said: &strings.Builder{},
		logs: &strings.Builder{}, user: person{1001, "Amine", "en"}, update: 100, check: func(Reply) {},
	}
	st.redis.SetTime(st.clock.Now())
	var err error
	if st.store, err = store.Open(ctx, store.Options{URL: "redis://" + st.redis.Addr(), Shop: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.store.Close() })
	ring, err := checkout.OpenRing(ctx, checkout.RingOptions{
		Store: st.store, Primary: providers.NewSecret(strings.Repeat("0123456789abcdef", 4)), Mode: "sandbox", Shop: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	if st.words, err = NewWords(WordsOptions{
		Default: "en", Timezone: time.FixedZone("Algiers", 3600), Currency: "DZD", Support: "@cardrop_help", Hours: "9–18",
	}); err != nil {
		t.Fatal(err)
	}
	seed := uint64(0)
	log := slog.New(slog.NewTextHandler(st.logs, nil))
	st.options = checkout.Options{
		Store: st.store, Suppliers: st.suppliers(), Ring: ring, Channels: []checkout.Channel{&screenChannel{st}},
		Currency: "DZD", Markup: big.NewRat(5, 1), PriceStep: 5, Rates: map[string]*big.Rat{"VND": big.NewRat(53, 10000), "XTR": big.NewRat(5, 2)},
		RevealTTL: 5 * time.Minute, MessageTTL: time.Minute, FileTTL: 10 * time.Minute, RevealLimit: 5, Retention: 720 * time.Hour,
		OpenEvery: time.Millisecond, Now: st.clock.Now, Logger: log,
		Payments: st.payments(), TopUpMin: 500_00, TopUpMax: 100_000_00, Zone: time.FixedZone("Algiers", 3600),
		Hours: checkout.ParseHours("9–18", time.FixedZone("Algiers", 3600)),
		Alarm: func(context.Context, string, string) {},
		Rand: func(b []byte) { // the same ids and tokens in every run
			for i := range b {
				if i%8 == 0 {
					seed++
				}
				var w [8]byte
				binary.LittleEndian.PutUint64(w[:], seed*0x9E3779B97F4A7C15)
				b[i] = w[i%8]
			}
		},
	}
	st.begin()
	return st
}

// begin opens the shop and its desk by the options.
func (st *stage) begin() {
	st.t.Helper()
	var err error
	st.shop, err = checkout.New(st.options)
	st.must(err)
	st.desk = NewDesk(Options{
		Shop: st.shop, Talks: st.store, Words: st.words, Admins: []int64{admin}, Now: st.clock.Now, Logger: st.options.Logger,
		Host: func(context.Context) Host { return st.host }, Links: st.links,
	})
	st.must(st.shop.Notarize(st.t.Context()))
	st.must(st.shop.RefreshCatalog(st.t.Context()))
}

// guard opens the shop anew, with dangerous acts that have to be approved.
func (st *stage) guard() {
	st.t.Helper()
	st.options.Dangers = &checkout.Dangers{Refund: 5000_00, Least: new(big.Rat), Most: big.NewRat(50, 1)}
	st.begin()
}

// suppliers joins the real clients to their simulators.
func (st *stage) suppliers() []providers.Provider {
	const user, key, password = "shop", "key-of-the-checksum", "thirty-two-byte-password-0000032"
	st.giftz = sandbox.New(sandbox.Options{UserName: user, SecureKey: key, Password: password, Now: st.clock.Now})
	server := providertest.Serve(st.t, st.giftz)
	client, err := giftz.New(giftz.Options{
		UserName: user, SecureKey: providers.NewSecret(key), Password: providers.NewSecret(password),
		BaseURL: server.URL + "/api/v1", Now: st.clock.Now,
	})
	st.must(err)
	return append([]providers.Provider{client}, st.oneclickdz()...)
}

func (st *stage) must(err error) {
	st.t.Helper()
	if err != nil {
		st.t.Fatal(err)
	}
}

// chat is the present person's chat.
func (st *stage) chat(id int64) *chat {
	c := st.chats[id]
	if c == nil {
		c = &chat{messages: map[int]*note{}}
		st.chats[id] = c
	}
	return c
}

// do gives an input to the desk and draws the reply.
func (st *stage) do(in Input) Reply {
	st.t.Helper()
	in.Chat, in.User, in.Private = st.user.id, st.user.id, true
	in.Name, in.Language = st.user.name, st.user.language
	if st.about != (About{}) {
		in.About, st.about = st.about, About{}
	}
	in = st.scene.of(in)
	if in.Update == 0 {
		st.update++
		in.Update = st.update
	}
	accepted := false
	in.Accept = func() { accepted = true }
	st.last = in
	reply, err := st.desk.Handle(st.t.Context(), in)
	if err != nil {
		st.t.Fatalf("handle %q %q: %v\n%s", in.Command+in.Text, in.Button, err, st.logs)
	}
	st.must(st.shop.Notarize(st.t.Context()))
	st.draw(in.Talk(), reply, accepted)
	return reply
}

// draw shows a reply in its chat, as the bot does.
func (st *stage) draw(id TalkID, reply Reply, accepted bool) {
	st.t.Helper()
	st.check(reply)
	if reply.Alert != "" && !accepted && st.last.Button != "" {
		st.print("(alert: %s)", reply.Alert)
	}
	sent := st.show(id.Chat, reply)
	st.must(st.desk.Drawn(st.t.Context(), id, reply.Version, 0, sent))
}

// show puts a reply's screens into their chats.
func (st *stage) show(id int64, reply Reply) []Sent {
	var sent []Sent
	for _, s := range reply.Screens {
		to := id
		if s.Chat != 0 {
			to = s.Chat
		}
		text := marked(s.Text, s.Marks)
		if s.Picture.File != "" {
			text = "🖼 " + s.Picture.File + "\n" + text
		}
		if s.File != nil && s.File.Photo {
			text = "🖼 " + s.File.Name + "\n" + text
		} else if s.File != nil {
			text = "📄 " + s.File.Name + "\n" + text + "\n" + string(s.File.Data)
		}
		if s.Invoice != nil {
			text = fmt.Sprintf("🧾 %s: %d ⭐\n%s", s.Invoice.Title, s.Invoice.Stars, s.Invoice.Text)
		}
		if s.Gone {
			st.remove(to, s.Edit)
			if s.Link != "" {
				sent = append(sent, Sent{Screen: s, Message: s.Edit})
			}
			continue
		}
		m := st.put(to, s.Edit, text, s.Rows)
		if s.Openly != nil {
			st.print("(message %d is for that member alone; where it cannot be, all read)\n%s", m, marked(s.Openly.Text, s.Openly.Marks))
			for _, row := range s.Openly.Rows {
				st.print("%s", keys(row))
			}
		}
		sent = append(sent, Sent{Screen: s, Message: m})
	}
	for _, m := range reply.Delete {
		st.remove(id, m)
	}
	return sent
}

// put writes or edits a message.
func (st *stage) put(id int64, edit int, text string, rows [][]Button) int {
	c := st.chat(id)
	old := c.messages[edit]
	head := "edited"
	if old == nil {
		c.next++
		edit, head = c.next, "new"
		c.order = append(c.order, edit)
	} else if old.text == text && fmt.Sprint(old.rows) == fmt.Sprint(rows) {
		return edit
	}
	photo := strings.HasPrefix(text, "🖼 ")
	if old != nil && old.photo != photo {
		st.t.Errorf("message %d cannot become what it is edited into: %q", edit, text)
	}
	c.messages[edit] = &note{text, rows, photo}
	st.print("(message %d of %d, %s)\n%s", edit, id, head, text)
	for _, row := range rows {
		st.print("%s", keys(row))
	}
	return edit
}

func keys(row []Button) string {
	var all []string
	for _, b := range row {
		all = append(all, "["+b.Text+"]")
	}
	return strings.Join(all, " ")
}

func (st *stage) remove(id int64, m int) {
	if c := st.chat(id); c.messages[m] != nil {
		delete(c.messages, m)
		st.print("(message %d of %d, deleted)", m, id)
	}
}

// print writes a line of the transcript, with ordinary spaces and without what is random.
func (st *stage) print(format string, args ...any) {
	text := plain(fmt.Sprintf(format, args...))
	text = regexp.MustCompile(`AT-\d{4}-\d{8}`).ReplaceAllString(text, "AT-####") // the simulator draws it at random
	text = regexp.MustCompile(`OCPL-\w{6}-\w{4}`).ReplaceAllString(text, "OCPL-####")
	for random, name := range map[string]string{ // what depends on the shop's keys
		`\b[0-9a-f]{64}\b`: "<64 hex digits>", `\b[0-9a-f]{16}\b`: "<pseudonym>", `[A-Za-z0-9+/]{86}==`: "<signature>",
	} {
		text = regexp.MustCompile(random).ReplaceAllString(text, name)
	}
	for line := range strings.SplitSeq(text, "\n") {
		st.said.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// work lets the worker ask the suppliers and the notices go out.
func (st *stage) work() {
	st.t.Helper()
	ctx := st.t.Context()
	due, err := st.store.DuePlacements(ctx, 50)
	st.must(err)
	for _, id := range due {
		st.must(st.shop.Ask(ctx, id))
	}
	st.must(st.shop.Notarize(ctx))
	st.notices()
}

// notices brings news to the buyers.
func (st *stage) notices() {
	st.t.Helper()
	ctx := st.t.Context()
	due, err := st.desk.DueNotices(ctx, 50)
	st.must(err)
	for _, n := range due {
		reply, err := st.desk.Notice(ctx, n)
		st.must(err)
		st.check(reply)
		st.must(st.desk.Noticed(ctx, n, st.show(0, reply), nil))
	}
	st.must(st.shop.Notarize(ctx))
}

// wait lets time pass, and the sweep and the notices run.
func (st *stage) wait(d time.Duration) {
	st.t.Helper()
	st.clock.Advance(d)
	st.redis.SetTime(st.clock.Now())
	ctx := st.t.Context()
	st.must(st.shop.Notarize(ctx))
	st.must(st.shop.Sweep(ctx))
	st.must(st.shop.MindTimes(ctx))
	st.must(st.shop.MindPayments(ctx))
	st.must(st.desk.MindApprovals(ctx))
	st.work()
}

// marked writes formatted parts as *bold* and hides spoilers.
func marked(text string, marks []Mark) string {
	u := utf16s(text)
	var b strings.Builder
	at := 0
	for _, m := range marks {
		b.WriteString(u.cut(at, m.Offset))
		switch part := u.cut(m.Offset, m.Offset+m.Length); m.Kind {
		case "spoiler":
			b.WriteString("████")
		default:
			b.WriteString("*" + part + "*")
		}
		at = m.Offset + m.Length
	}
	return b.String() + u.cut(at, len(u))
}
