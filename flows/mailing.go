package flows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// castFollows is how often the screen of the admin who began a broadcast follows it.
const castFollows = 3 * time.Second

// casts is what the desk needs for announcements besides the shop itself.
type casts interface {
	Redraw(ctx context.Context, id store.TalkID) error
	Mute(ctx context.Context, user int64, on bool) error
}

// Fate is what became of one person's copy of an announcement.
type Fate = store.Fate

// The fates that a sender can tell, see store.Fate.
const (
	FateSent    = store.FateSent
	FateBlocked = store.FateBlocked
	FateFailed  = store.FateFailed
	FateUnsure  = store.FateUnsure
	FateAgain   = store.FateAgain
)

// ErrMailed means that there is nothing more to send for now.
var ErrMailed = checkout.ErrMailed

// Mailing is this process's turn to send an announcement to everybody.
type Mailing struct {
	desk     *Desk
	turn     *checkout.Mailing
	followed time.Time
}

// Mail begins to send the announcement that is under way; nil when there is none, or another process sends it.
func (d *Desk) Mail(ctx context.Context) (*Mailing, error) {
	turn, err := d.shop.Mail(ctx)
	if err != nil || turn == nil {
		return nil, err
	}
	return &Mailing{desk: d, turn: turn, followed: d.now()}, nil
}

// Next is the next message, which is sent at once and once; what became of it is told by Done. Without one it says how long to wait, or
// ErrMailed.
func (m *Mailing) Next(ctx context.Context) (*Screen, time.Duration, error) {
	if now := m.desk.now(); now.Sub(m.followed) >= castFollows {
		m.followed = now
		m.desk.followCast(ctx, m.turn.Text().Admin)
	}
	a, wait, err := m.turn.Next(ctx)
	if errors.Is(err, ErrMailed) {
		m.desk.followCast(ctx, m.turn.Text().Admin)
	}
	if err != nil || a.Chat == 0 {
		return nil, wait, err
	}
	var talk Talk
	if len(a.Body) > 0 {
		if err := json.Unmarshal(a.Body, &talk); err != nil {
			m.desk.log.Warn("talk cannot be read, its client's language is not known", "chat", a.Chat, "err", err)
		}
	}
	language := m.desk.words.Match(first(a.Language, talk.Client, m.desk.words.tags[0]))
	s := m.desk.announcement(a.Chat, language, m.desk.words.tags[0], m.turn.Text().By)
	return &s, 0, nil
}

// Done tells what became of a message; after is when one that was surely not sent is tried again, 0 for the shop to choose. It is called
// again until it succeeds.
func (m *Mailing) Done(ctx context.Context, chat int64, fate Fate, after time.Duration) error {
	if err := m.turn.Done(ctx, chat, fate, after); err != nil {
		return fmt.Errorf("tell what became of an announcement: %w", err)
	}
	return nil
}

// Close gives the turn back.
func (m *Mailing) Close(ctx context.Context) error { return m.turn.Close(ctx) }

// followCast has the admin's screen drawn again if it shows announcements. It is a courtesy: its failure means nothing.
func (d *Desk) followCast(ctx context.Context, admin int64) {
	kept, err := d.talks.LoadTalk(ctx, admin, 0)
	if err != nil {
		return
	}
	var talk Talk
	if json.Unmarshal(kept.Body, &talk) == nil && talk.Screen == "cast" {
		if err := d.talks.Redraw(ctx, TalkID{Chat: admin}); err != nil {
			d.log.Debug("announcement's screen does not follow", "err", err)
		}
	}
}

// castNotice tells the admin who began an announcement that it is over.
func (d *Desk) castNotice(ctx context.Context, id string) (Reply, error) {
	b, err := d.shop.Broadcast(ctx)
	if err != nil {
		return Reply{}, fmt.Errorf("read announcement: %w", err)
	}
	if b.ID != id || b.State != store.BroadcastOver {
		return Reply{}, nil
	}
	admin, err := d.known(ctx, b.Text.Admin)
	if err != nil {
		return Reply{}, err
	}
	title := admin.say("cast.over")
	return Reply{Screens: []Screen{{Chat: b.Text.Admin, Keep: true, Language: admin.language, Text: title + "\n\n" + admin.fates(b),
		Marks: []Mark{{Kind: "bold", Length: units(title)}}}}}, nil
}

// afterCast is when the admin is told again: not at all once they were told or cannot be reached; /broadcast says it, too.
func (d *Desk) afterCast(_ context.Context, _ string, failure error) (time.Duration, error) {
	if failure == nil || errors.Is(failure, checkout.ErrUnreachable) {
		return 0, nil
	}
	return noticeRetry, nil
}

// showSettings draws what a person may choose about the bot.
func (d *Desk) showSettings(_ context.Context, v *visit, _ []string) error {
	state, button := v.say("settings.loud"), v.button("settings.mute", "mute:1")
	if v.muted {
		state, button = v.say("settings.muted"), v.button("settings.unmute", "mute:0")
	}
	v.menu(v.say("settings.title"), lines(v.say("settings.language", "Language", v.say("language.name")), state),
		[]Button{button}, []Button{v.button("menu.language", "lang")}, v.home())
	return nil
}

// mute turns announcements off or on for the person.
func (d *Desk) mute(ctx context.Context, v *visit, args []string) error {
	on := args[0] != "0"
	if err := d.talks.Mute(ctx, v.in.User, on); err != nil {
		return err
	}
	v.muted = on
	return d.open(ctx, v, "settings")
}
