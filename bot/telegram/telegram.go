// Package telegram is the shop's side of Telegram: updates in, by long polling or webhook, replies out, and the channel that
// shows codes in the buyer's chat.
//
// An update is confirmed to Telegram only after its effect is stored. The updates of one chat are handled in order, those of
// different chats side by side. Every call passes one sender, which obeys flood control chat by chat and lets deletions pass
// before replies before notices before announcements. No error or log line of the package holds the bot's token or a code.
package telegram

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
	"cardrop/flows/checkout"
	"cardrop/providers"
)

const (
	publicAPI  = "https://api.telegram.org"
	callsMost  = 64 // calls in flight
	callsSpare = 8  // of these for deletions only
	workMost   = 4096
	workChat   = 64
	drainLimit = 10 * time.Second
)

// What New and Run refuse.
var (
	// ErrSecret is a webhook without a secret of 1 to 256 characters A-Z, a-z, 0-9, underscore and hyphen.
	ErrSecret = errors.New("webhook secret must be 1 to 256 of A-Z a-z 0-9 _ -")
	// ErrNoDesk means that nobody was attached to answer.
	ErrNoDesk = errors.New("no desk attached")
)

// words are the texts of the channel and of the command menus.
type words interface {
	Placeholder(to checkout.Recipient) flows.Screen
	Codes(p checkout.Parcel) (flows.CodePage, error)
	Expired(language string) (string, flows.File)
	Away(language string) string
	Commands(language string, role flows.Role) []flows.Command
	GroupCommands(language string) []flows.Command
	Languages() []string
}

// Options say how a Bot works. Token, Words and Leases are required.
type Options struct {
	Token         providers.Secret
	APIURL        string           // base address of a Bot API server; the public one when empty
	Insecure      bool             // plain http is accepted in a private network, too
	WebhookURL    string           // set: webhook mode, and Telegram is told this address; else long polling
	WebhookSecret providers.Secret // required with WebhookURL
	Language      string           // of the command menu for clients whose language we do not speak
	Words         words
	Leases        leases
	Throttle      throttle // shares flood control between processes; nil for a single one
	Logger        *slog.Logger
	// Count is told of every update: its kind and what became of it, see UpdateKinds and UpdateFates; nil for nobody.
	Count func(kind, fate string)
	// Failpoint is called before and after every call as "telegram.<method>.before" and ".after"; nil outside crash tests.
	Failpoint func(ctx context.Context, name string) error
	Now       func() time.Time                                 // time.Now when nil
	Wait      func(ctx context.Context, d time.Duration) error // pauses; real time when nil
}

// Bot is the shop's presence on Telegram. It is safe for concurrent use.
type Bot struct {
	wire     *wire
	out      *sender
	lanes    *lanes
	poller   *poller
	channel  *Channel
	words    words
	leases   leases
	desk     desk
	news     notices
	language string
	hook     string
	secret   providers.Secret
	digest   digest
	username atomic.Pointer[string]
	nudge    chan struct{}
	count    func(kind, fate string)
	excuses  excuses
	whispers whispers
	now      func() time.Time
	wait     func(ctx context.Context, d time.Duration) error
	log      *slog.Logger
}

// New builds a Bot; it makes no call. It fails with ErrAddress, ErrSecret or ErrToken when a setting cannot be used.
func New(o Options) (*Bot, error) {
	o = o.filled()
	base, err := checkAddress(o.APIURL, o.Insecure)
	if err != nil {
		return nil, err
	}
	token := o.Token.Expose()
	if !validToken(token) {
		return nil, fmt.Errorf("%w: it must read <number>:<letters>", ErrToken)
	}
	b := &Bot{
		wire:  newWire(providers.NewSecret(base+"/bot"+token), o.Failpoint),
		lanes: newLanes(workMost, workChat), words: o.Words, leases: o.Leases, language: o.Language,
		hook: o.WebhookURL, secret: o.WebhookSecret, nudge: make(chan struct{}, 1), count: o.Count, now: o.Now, wait: o.Wait, log: o.Logger,
	}
	if b.hook != "" {
		text := o.WebhookSecret.Expose()
		if !validSecret(text) {
			return nil, ErrSecret
		}
		b.digest = sha256.Sum256([]byte(text))
	}
	api, err := bot.New(token, bot.WithServerURL(base), bot.WithHTTPClient(pollLimit, b.wire), bot.WithSkipGetMe(),
		bot.WithDefaultHandler(func(context.Context, *bot.Bot, *models.Update) {}),
		bot.WithErrorsHandler(func(err error) { b.log.Warn("library", "cause", causeType(err)) }))
	if err != nil {
		return nil, failure("new", err)
	}
	b.out = &sender{api: api, gate: newGate(callsMost, callsSpare), brakes: newBrakes(o.Now, o.Throttle), wait: o.Wait, log: o.Logger}
	b.channel = &Channel{out: b.out, words: o.Words, now: o.Now}
	b.poller = &poller{bot: b}
	b.whispers.now = o.Now
	return b, nil
}

func (o Options) filled() Options {
	if o.APIURL == "" {
		o.APIURL = publicAPI
	}
	if o.Count == nil {
		o.Count = func(string, string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = rest
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// validToken keeps a token from bending the address it stands in.
func validToken(token string) bool {
	colon := -1
	for i, r := range token {
		switch {
		case r == ':' && colon < 0 && i > 0:
			colon = i
		case r >= '0' && r <= '9':
		case colon > 0 && (r == '_' || r == '-' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')):
		default:
			return false
		}
	}
	return colon > 0 && colon < len(token)-1
}

// Channel is the delivery channel that shows codes in the buyer's private chat.
func (b *Bot) Channel() *Channel { return b.channel }

// Attach gives the bot those who answer and who know what is due. It is called once, before Run, WebhookHandler's first request,
// Notify and RedrawDue: the desk needs the shop, and the shop needs the bot's Channel.
func (b *Bot) Attach(d desk, n notices) { b.desk, b.news = d, n }

// Username is the bot's name without "@"; empty until Connect or Run has asked for it.
func (b *Bot) Username() string {
	if name := b.username.Load(); name != nil {
		return *name
	}
	return ""
}

// Run receives updates and does the chats' duties until ctx ends; then it takes no more work, lets what is in hand end within
// 10 s, replies included, and confirms what was handled. It fails with ErrNoDesk or ErrToken, and returns nil after an orderly end.
func (b *Bot) Run(ctx context.Context) error {
	if b.desk == nil || b.news == nil {
		return ErrNoDesk
	}
	if err := b.connect(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // the end was asked for before Telegram was reached
		}
		return err
	}
	var duties sync.WaitGroup
	duties.Go(func() { b.duties(ctx) })
	duties.Go(func() { b.guard("commands", func() { b.publish(ctx) }) })
	if b.hook != "" {
		b.setHook(ctx, b.hook, b.secret)
		<-ctx.Done()
	} else {
		b.poller.run(ctx)
	}
	b.lanes.close()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
	defer cancel()
	if !b.lanes.drain(end) {
		b.log.Warn("work in hand was cut off")
	}
	duties.Wait()
	if b.hook == "" {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit/2)
		defer cancel()
		b.poller.confirm(last)
	}
	return nil
}

// SendNotice sends a plain text, such as an alarm, to a chat. It fails with checkout.ErrUnreachable when the chat cannot be
// written to. The text must not hold a code.
func (b *Bot) SendNotice(ctx context.Context, chat int64, text string) error {
	e := errand{chat: chat, rank: rankReply, patience: cardPatience}
	for _, p := range split(text, nil, maxText) {
		_, err := b.out.send(ctx, e, message{text: p.text})
		if to := movedTo(err); to != 0 { // the operators' group became a supergroup; the setting still names the former id
			e.chat = to
			_, err = b.out.send(ctx, e, message{text: p.text})
		}
		if err != nil {
			return fmt.Errorf("send notice: %w", reachable(err))
		}
	}
	return nil
}
