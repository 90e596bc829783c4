// Package flows holds the shop's conversations: what a customer or an admin does, and what the shop answers.
//
// A Desk takes an Input, runs one step of the chat's talk and returns a Reply. It knows no Telegram, no Redis command and no
// HTTP: what came in and what has to be shown are small values, so that a conversation can be replayed without a network.
// Words are looked up by key and language in Words, which also writes the pages that carry codes.
package flows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// talks is what the desk needs from the shop's memory besides the shop itself.
type talks interface {
	LoadTalk(ctx context.Context, chat, update int64) (store.Talk, error)
	LoadTalkOf(ctx context.Context, id store.TalkID, update int64) (store.Talk, error)
	SaveTalk(ctx context.Context, t store.Talk, update int64) (int64, error)
	Drawn(ctx context.Context, id store.TalkID, version int64, live int) error
	DueRedraws(ctx context.Context, limit int) ([]store.TalkID, error)
	Shut(ctx context.Context, user int64) error
	Reopen(ctx context.Context, user int64) error
}

// memory is all of it.
type memory interface {
	talks
	notices
	casts
	customers
	staff
	counts
}

// Options is what a Desk is made of; every field but the last two is required.
type Options struct {
	Shop   *checkout.Shop
	Talks  memory // the store
	Words  *Words
	Admins []int64 // the owners' numeric Telegram user ids; a name is never a right
	Now    func() time.Time
	Logger *slog.Logger
	Paces  Paces                               // how fast people and groups may ask; the zero value does not bound it
	Host   func(context.Context) Host          // how the program around the desk stands; nil when all is well
	Links  func(language, token string) string // the address of a one-time link; nil when there are none
}

// Desk answers. It is safe for concurrent use; updates of one chat should come one after another.
type Desk struct {
	shop           *checkout.Shop
	talks          memory
	words          *Words
	owners         map[int64]bool
	rights         map[Role]map[string]bool
	now            func() time.Time
	log            *slog.Logger
	host           func(context.Context) Host
	verbs          map[string]verb
	orders         map[string]command
	shared         map[string]verb    // what members of a linked group may press
	asked          map[string]command // what they may ask for
	people, groups *bound             // how fast each person, and each group, asks
	links          func(language, token string) string
}

// NewDesk makes a Desk.
func NewDesk(o Options) *Desk {
	d := &Desk{
		shop: o.Shop, talks: o.Talks, words: o.Words, now: o.Now, log: o.Logger, host: o.Host,
		owners: make(map[int64]bool), rights: staffRights(), verbs: verbs(), orders: commands(),
		shared: groupVerbs(), asked: groupCommands(), people: newBound(o.Paces.Person), groups: newBound(o.Paces.Group), links: o.Links,
	}
	for _, id := range o.Admins {
		d.owners[id] = true
	}
	return d
}

// stepLimit is how long one step may ask others; what is left of the update's time is for storing the talk.
const stepLimit = 9 * time.Second

// attempts bounds how often a step runs again because the talk was saved in between.
const attempts = 5

// Handle runs one step of a chat's talk and stores it. A repeated update has no second effect and draws the present screen.
// An error means that nothing was stored (memory away): the update must not be acknowledged and comes again.
func (d *Desk) Handle(ctx context.Context, in Input) (Reply, error) {
	if in.Change != "" {
		return Reply{}, d.changed(ctx, in)
	}
	if in.Paid != nil { // never too much
		return Reply{}, d.paid(ctx, in)
	}
	in.Private = in.Private && in.Chat == in.User
	if reply, hurried, err := d.hurried(ctx, in); hurried || err != nil {
		return reply, err
	}
	if !in.Private {
		if reply, done, err := d.outside(ctx, in); done || err != nil {
			return reply, err
		}
	}
	for range attempts {
		reply, err := d.turn(ctx, in)
		if !errors.Is(err, store.ErrStale) {
			return reply, err
		}
	}
	return Reply{}, fmt.Errorf("handle update: %w", store.ErrStale)
}

// Redraw draws a talk's present screen again, without any effect: its last reply may have been lost.
func (d *Desk) Redraw(ctx context.Context, id TalkID) (Reply, error) {
	kept, err := d.talks.LoadTalkOf(ctx, id, 0)
	if err != nil {
		return Reply{}, fmt.Errorf("load talk: %w", err)
	}
	in := Input{Chat: id.Chat, User: id.User, Private: id.User == 0}
	if in.Private {
		in.User = id.Chat
	}
	v, err := d.receive(ctx, in, kept)
	if err != nil {
		return Reply{}, err
	}
	v.in.Thread = v.talk.Thread
	return d.present(ctx, v)
}

// Sent is a screen that was sent or edited, and the message it became.
type Sent struct {
	Screen  Screen
	Message int
}

// Drawn tells that a reply was sent: its redraw entry is taken back, and the live message, timelines and offers are
// remembered. A live of 0 means the last menu among sent.
func (d *Desk) Drawn(ctx context.Context, id TalkID, version int64, live int, sent []Sent) error {
	for _, s := range sent {
		if !s.Screen.Keep && live == 0 {
			live = s.Message
		}
	}
	if err := d.remember(ctx, sent); err != nil {
		return err
	}
	if version == 0 && live == 0 { // nothing was stored for this reply, and no menu was drawn
		return nil
	}
	if err := d.talks.Drawn(ctx, id, version, live); err != nil {
		return fmt.Errorf("take back redraw: %w", err)
	}
	return nil
}

// DueRedraws lists talks whose last reply may be lost; they are leased to this process.
func (d *Desk) DueRedraws(ctx context.Context, limit int) ([]TalkID, error) {
	ids, err := d.talks.DueRedraws(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list redraws: %w", err)
	}
	return ids, nil
}

// turn loads, steps and saves once.
func (d *Desk) turn(ctx context.Context, in Input) (Reply, error) {
	kept, err := d.talks.LoadTalkOf(ctx, in.Talk(), in.Update)
	if err != nil {
		return Reply{}, fmt.Errorf("load talk: %w", err)
	}
	if err := d.numbered(ctx, in, &kept); err != nil {
		return Reply{}, err
	}
	if kept.Held && in.Private {
		if err := d.welcome(ctx, in.User); err != nil {
			return Reply{}, err
		}
	}
	v, err := d.receive(ctx, in, kept)
	if err != nil {
		return Reply{}, err
	}
	if kept.Seen {
		return d.present(ctx, v)
	}
	// A supplier that does not answer must not take the time in which the talk is stored: the update would come again for ever.
	limited, cancel := context.WithTimeout(checkout.For(ctx, v.buys()), stepLimit)
	defer cancel()
	if err := d.step(limited, v); err != nil {
		if ctx.Err() != nil {
			return Reply{}, fmt.Errorf("run step: %w", err)
		}
		// Shown only if the memory is there to store it: otherwise saving fails below and the update comes again.
		d.unexpected(v, err)
	}
	return d.save(ctx, v, kept)
}

// save stores the talk as the step left it and completes the reply.
func (d *Desk) save(ctx context.Context, v *visit, kept store.Talk) (Reply, error) {
	body, err := json.Marshal(v.talk)
	if err != nil {
		return Reply{}, fmt.Errorf("encode talk: %w", err)
	}
	kept.Body, kept.Language = body, v.chosen
	version, err := d.talks.SaveTalk(ctx, kept, v.in.Update)
	if err != nil {
		return Reply{}, fmt.Errorf("save talk: %w", err)
	}
	v.reply.Version = version
	return v.reply, nil
}

// present draws the screen the talk stands at.
func (d *Desk) present(ctx context.Context, v *visit) (Reply, error) {
	v.in.Button, v.in.Command, v.in.Text, v.in.Picture = "", "", "", Picture{}
	v.redraw = true
	screen := v.talk.Screen
	if !v.in.Private && (v.group == nil || screen == "") { // nothing of this member's stands there
		return Reply{Version: v.version}, nil
	}
	if screen == "" {
		screen = "menu"
	}
	if err := d.open(checkout.For(ctx, v.buys()), v, screen); err != nil {
		if ctx.Err() != nil {
			return Reply{}, fmt.Errorf("redraw: %w", err)
		}
		d.unexpected(v, err) // an error here must not come back for ever
	}
	v.reply.Alert, v.reply.Delete, v.reply.Version = "", nil, v.version
	return v.reply, nil
}

// visit prepares one turn from what was stored.
func (d *Desk) visit(in Input, kept store.Talk) *visit {
	v := &visit{in: in, live: kept.Live, version: kept.Version, chosen: kept.Language, now: d.now(), hours: d.shop.Hours()}
	if len(kept.Body) > 0 {
		if err := json.Unmarshal(kept.Body, &v.talk); err != nil {
			d.log.Warn("talk cannot be read, begun anew", "chat", in.Chat, "err", err)
			v.talk = Talk{}
		}
	}
	if v.live == v.talk.Past {
		v.live = 0
	}
	if in.Name != "" {
		v.talk.Name = clip(in.Name, 64)
	}
	if in.Language != "" {
		v.talk.Client = d.words.Match(in.Language)
	}
	v.role, v.customer, v.muted = d.roleOf(in.User, kept.Staff), kept.Customer, kept.Muted
	v.rights, v.table = d.rights[v.role], d.verbs
	v.use(d.words.in(first(v.chosen, v.talk.Client)))
	return v
}

// step chooses what to do with an input.
func (d *Desk) step(ctx context.Context, v *visit) error {
	switch {
	case !v.in.Private:
		return d.share(ctx, v)
	case v.in.Button != "":
		return d.press(ctx, v, v.in.Button)
	case v.in.Command != "":
		return d.command(ctx, v)
	default:
		return d.typed(ctx, v)
	}
}
