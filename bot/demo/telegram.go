// Package demo is a Telegram on one machine: a strict, stateful emulator of the Bot API, the people who chat with the bot, and a page on
// which a person can be one of them.
//
// A bot talks to it as to the real server; tests play people through the methods of Telegram or over HTTP under /client/. Where the real
// server is lenient (unknown parameters, entities beyond the text) the emulator refuses, so that a mistake shows at once.
package demo

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say how a Telegram behaves. The zero value works: any field may be left out.
type Options struct {
	Token    string           // the bot's token, "<number>:<secret>"; the number is the bot's user id
	Username string           // the bot's username without "@"
	Now      func() time.Time // the clock behind dates, ages and limits; time.Now when nil
	// FloodControl turns the limits on sending on from the start; see SetFloodControl.
	FloodControl bool
	Logger       *slog.Logger
	Cast         []Persona // people who exist from the start and whom the page offers
	Zone         string    // IANA name of the time zone in which the page writes times; empty: the browser's
	Room         bool      // the page shows the control room, which answers under /room/ of the same address
	// WebhookClient sends updates to a webhook; a client with a limit of 30 seconds when nil.
	WebhookClient *http.Client
	// Wait pauses between two tries of a webhook: it returns nil after d, or the context's error. Real time when nil.
	Wait func(ctx context.Context, d time.Duration) error
}

// Telegram is one emulated server with one bot. It is safe for concurrent use.
type Telegram struct {
	opts    Options
	methods map[string]*method
	done    chan struct{}
	closing sync.Once

	mu      sync.Mutex // guards everything below
	offset  time.Duration
	bot     User
	people  map[int64]*person
	chats   map[int64]*chat
	inbox   inbox
	hook    *webhook
	files   map[string]*File
	paths   map[string]*File
	asked   map[string]*Callback
	queries []*Callback
	face    face
	stars   stars
	faults  []*Fault
	journal []Call
	reports []Report
	limits  limits
	toasts  int
	changed chan struct{}

	whispers int  // ephemeral messages that were sent
	deaf     bool // it knows no ephemeral messages
}

// New returns a Telegram without chats but those of the cast. Close ends what it started.
func New(opts Options) *Telegram {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Username == "" {
		opts.Username = "CardropDemoBot"
	}
	if opts.WebhookClient == nil {
		opts.WebhookClient = &http.Client{Timeout: 30 * time.Second}
	}
	if opts.Wait == nil {
		opts.Wait = pause
	}
	t := &Telegram{
		opts:    opts,
		methods: methods(),
		done:    make(chan struct{}),
		bot:     User{ID: botID(opts.Token), IsBot: true, FirstName: opts.Username, Username: opts.Username},
		people:  map[int64]*person{},
		chats:   map[int64]*chat{},
		inbox:   inbox{next: firstUpdate, arrived: make(chan struct{})},
		files:   map[string]*File{},
		paths:   map[string]*File{},
		asked:   map[string]*Callback{},
		face:    newFace(),
		limits:  limits{on: opts.FloodControl, chats: map[int64]*pace{}},
		changed: make(chan struct{}),
	}
	for _, p := range opts.Cast {
		t.addPerson(User{ID: p.ID, FirstName: p.Name, Username: p.Username, LanguageCode: p.Language})
	}
	return t
}

// Close ends long polls, event streams and webhook delivery. The Telegram answers no getUpdates afterwards.
func (t *Telegram) Close() {
	t.closing.Do(func() {
		close(t.done)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.dropHook()
	})
}

// Bot returns the bot as other users see it.
func (t *Telegram) Bot() User {
	return t.bot
}

// SetOffset moves the emulator's clock to Now plus d. It drives message ages, callback ages, flood limits and dates, not long polls.
func (t *Telegram) SetOffset(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.offset = d
	t.touch(nil)
}

// Handler serves the bot's side under /bot<token>/ and /file/bot<token>/, the people's side under /client/, and the chat page at /.
func (t *Telegram) Handler() http.Handler {
	people := t.clientHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/bot"); ok {
			t.serveBot(w, r, rest)
			return
		}
		if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
			t.serveFile(w, r, rest)
			return
		}
		people.ServeHTTP(w, r)
	})
}

// now is the emulator's time; the caller holds the lock.
func (t *Telegram) now() time.Time {
	return t.opts.Now().Add(t.offset)
}

// touch wakes everyone who waits for a change, and those who wait for a change of c in particular; the caller holds the lock.
func (t *Telegram) touch(c *chat) {
	close(t.changed)
	t.changed = make(chan struct{})
	if c != nil {
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

// touchAll wakes the watchers of every chat; the caller holds the lock.
func (t *Telegram) touchAll() {
	t.touch(nil)
	for _, c := range t.chats {
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

func botID(token string) int64 {
	number, _, _ := strings.Cut(token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 {
		return 1
	}
	return id
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
