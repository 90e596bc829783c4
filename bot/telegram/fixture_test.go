package telegram

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cardrop/bot/demo"
	"cardrop/flows"
	"cardrop/flows/checkout"
	"cardrop/providers"
)

const (
	testToken = "4200:demo-token"
	amina     = int64(71000001)
	omar      = int64(71000002)
	nadia     = int64(71000003)
)

// script is a desk whose answers a test writes.
type script struct {
	mu     sync.Mutex
	handle func(ctx context.Context, in flows.Input) (flows.Reply, error)
	redraw func(chat int64) flows.Reply
	due    []flows.Notice
	chats  []flows.TalkID
	notice func(n flows.Notice) flows.Reply

	staff   map[int64]flows.Role // besides Nadia
	inputs  []flows.Input
	drawn   []drawing
	noticed []ending
}

type drawing struct {
	Chat, Version int64
	Live          int
	Sent          int
}

type ending struct {
	order       string
	sent        int
	unreachable bool
	failed      bool
}

func (s *script) Handle(ctx context.Context, in flows.Input) (flows.Reply, error) {
	s.mu.Lock()
	s.inputs = append(s.inputs, in)
	f := s.handle
	s.mu.Unlock()
	return f(ctx, in)
}

func (s *script) Redraw(_ context.Context, id flows.TalkID) (flows.Reply, error) {
	return s.redraw(id.Chat), nil
}

func (s *script) Drawn(_ context.Context, id flows.TalkID, version int64, live int, sent []flows.Sent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawn = append(s.drawn, drawing{id.Chat, version, live, len(sent)})
	return nil
}

// Staff is Nadia alone, and whoever the test appointed.
func (s *script) Staff(context.Context) (map[int64]flows.Role, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[int64]flows.Role{nadia: flows.Owner}
	maps.Copy(all, s.staff)
	return all, nil
}

// Mail has nothing for everybody.
func (s *script) Mail(context.Context) (*flows.Mailing, error) { return nil, nil } //nolint:nilnil // nobody mails

func (s *script) DueRedraws(context.Context, int) ([]flows.TalkID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.chats
	s.chats = nil
	return list, nil
}

func (s *script) DueNotices(context.Context, int) ([]flows.Notice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.due
	s.due = nil
	return list, nil
}

func (s *script) Notice(_ context.Context, n flows.Notice) (flows.Reply, error) {
	return s.notice(n), nil
}

func (s *script) Noticed(_ context.Context, n flows.Notice, sent []flows.Sent, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noticed = append(s.noticed, ending{n.Order, len(sent), errors.Is(err, checkout.ErrUnreachable), err != nil})
	return nil
}

// texts is what people said; that a chat cannot be written to, which a reply finds out, is nothing said.
func (s *script) texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, in := range s.inputs {
		if in.Change == "" {
			list = append(list, in.Text)
		}
	}
	return list
}

// plainWording are the channel's texts in tests.
type plainWording struct{ page flows.CodePage }

func (plainWording) Placeholder(to checkout.Recipient) flows.Screen {
	return flows.Screen{Text: "Your card comes here: " + to.Order}
}
func (w plainWording) Codes(checkout.Parcel) (flows.CodePage, error) { return w.page, nil }
func (plainWording) Expired(string) (string, flows.File) {
	return "This card has expired.", flows.File{Name: "expired.txt", Data: []byte("expired\n")}
}
func (plainWording) Commands(_ string, role flows.Role) []flows.Command {
	list := []flows.Command{{Name: "start", Text: "begin"}}
	if role != "" {
		list = append(list, flows.Command{Name: "audit", Text: "the record"})
	}
	return list
}
func (plainWording) GroupCommands(string) []flows.Command {
	return []flows.Command{{Name: "catalog", Text: "goods"}, {Name: "buy", Text: "one"}, {Name: "help", Text: "how"}}
}
func (plainWording) Languages() []string { return []string{"en", "fr"} }

// sole is a lease nobody contests, unless held is set to another.
type sole struct {
	mu    sync.Mutex
	other bool
	drops []string
}

func (l *sole) TakeLease(context.Context, string, time.Duration) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.other, nil
}

func (l *sole) DropLease(_ context.Context, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops = append(l.drops, name)
	return nil
}

// journal is a log that can be searched.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// rig is a bot at an emulated Telegram.
type rig struct {
	*Bot
	tg   *demo.Telegram
	desk *script
	log  *journal
	url  string
	opts Options
	end  chan error
	stop context.CancelFunc
}

func newRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	tg := demo.New(demo.Options{Token: testToken, Username: "ShopBot", Cast: demo.DefaultCast(nadia)})
	server := httptest.NewServer(tg.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(tg.Close)
	log := &journal{}
	r := &rig{tg: tg, log: log, url: server.URL, desk: &script{}}
	r.desk.handle = func(_ context.Context, in flows.Input) (flows.Reply, error) {
		return flows.Reply{Screens: []flows.Screen{{Text: "you said " + in.Text}}, Version: in.Update}, nil
	}
	r.opts = Options{
		Token: providers.NewSecret(testToken), APIURL: server.URL, Words: plainWording{}, Leases: &sole{},
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&r.opts)
	}
	r.Bot = r.build(t)
	return r
}

func (r *rig) build(t *testing.T) *Bot {
	t.Helper()
	b, err := New(r.opts)
	if err != nil {
		t.Fatal(err)
	}
	b.Attach(r.desk, r.desk)
	return b
}

// start runs the bot until the test ends or halt is called.
func (r *rig) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r.stop, r.end = cancel, make(chan error, 1)
	b, end := r.Bot, r.end
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		end <- b.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-ended })
}

func (r *rig) halt(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.end; err != nil {
		t.Fatalf("run: %v", err)
	}
}

func (r *rig) say(t *testing.T, user int64, text string) demo.Message {
	t.Helper()
	m, err := r.tg.Say(user, user, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shows waits until a chat holds a message of the bot with this text and returns it.
func (r *rig) shows(t *testing.T, chat int64, text string) demo.Message {
	t.Helper()
	var found demo.Message
	err := r.tg.Wait(soon(t), chat, func(all []demo.Message) bool {
		for _, m := range all {
			if m.FromBot && m.Text == text {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("chat %d never showed %q; it shows %+v; log:\n%s", chat, text, r.tg.Messages(chat), r.log)
	}
	return found
}

func (r *rig) calls(method string) []demo.Call {
	var list []demo.Call
	for _, c := range r.tg.Journal() {
		if c.Method == method {
			list = append(list, c)
		}
	}
	return list
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// r42 is a token that no Telegram knows.
func r42() providers.Secret { return providers.NewSecret("42:unknown") }
