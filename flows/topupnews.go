package flows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// topupNews is what the desk needs to bring receipts to the admins and their fate to their people.
type topupNews interface {
	SetTopUpPost(ctx context.Context, id string, admin int64, message int) error
	SetTopUpTold(ctx context.Context, id string, state store.TopUpState) error
	SetTopUpPage(ctx context.Context, id string, message int) error
}

// topupNotices adds the requests with news to a list of notices.
func (d *Desk) topupNotices(ctx context.Context, list []Notice, limit int) ([]Notice, error) {
	due, err := d.talks.ClaimDue(ctx, store.DueTopUp, limit, noticeLease)
	if err != nil {
		return nil, fmt.Errorf("list top-ups: %w", err)
	}
	for _, n := range due {
		list = append(list, Notice{TopUp: n.Member, Fence: n.Fence})
	}
	return list, nil
}

// topupNotice says what to edit and send: each admin's receipt as the request stands, and its fate to its person, once.
func (d *Desk) topupNotice(ctx context.Context, id string) (Reply, error) {
	t, err := d.shop.TopUp(ctx, id, 0)
	if errors.Is(err, checkout.ErrNotFound) {
		return Reply{}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("read top-up: %w", err)
	}
	var reply Reply
	person, err := d.known(ctx, t.User)
	if err != nil {
		return Reply{}, err
	}
	if page, ok := d.pageScreen(person, t); ok {
		reply.Screens = append(reply.Screens, page)
	}
	if t.Told != t.State && unheard(t) {
		reply.Screens = append(reply.Screens, d.fateScreen(person, t))
	}
	admins, err := d.whoMay(ctx, "tuclaim")
	if err != nil {
		return Reply{}, err
	}
	for _, admin := range admins {
		if t.SentAt.IsZero() || t.Posts[admin] == 0 && t.State != store.TopUpSent && t.State != store.TopUpClaimed {
			continue
		}
		screen, err := d.receiptScreen(ctx, admin, t)
		if err != nil {
			return Reply{}, err
		}
		reply.Screens = append(reply.Screens, screen)
	}
	return reply, nil
}

// unheard tells whether a person has to hear of a request that ended without their doing.
func unheard(t store.TopUp) bool {
	switch t.State {
	case store.TopUpCredited, store.TopUpRefused, store.TopUpReversed:
		return true
	case store.TopUpExpired:
		return t.Note != checkout.NoteDropped
	case store.TopUpSent:
		return t.Auto
	}
	return false
}

// fateScreen tells a person what became of their request.
func (d *Desk) fateScreen(person *visit, t store.TopUp) Screen {
	s := person.speech
	title := s.say("topup.request", "TopUp", topupName(t.ID))
	rows := [][]Button{d.afterwards(s, person.talk, t), {{Text: s.say("menu.balance"), Data: "wallet"}}}
	return Screen{Chat: t.User, Text: title + "\n\n" + d.fate(s, t), Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Rows: kept(rows...), Keep: true, Language: s.language, TopUp: Told{ID: t.ID, State: t.State}}
}

// receiptScreen is a request before an admin's eyes: picture and facts, edited in place as it goes on.
func (d *Desk) receiptScreen(ctx context.Context, admin int64, t store.TopUp) (Screen, error) {
	who, err := d.known(ctx, admin)
	if err != nil {
		return Screen{}, err
	}
	body, err := d.receipt(ctx, who, t)
	if err != nil {
		return Screen{}, err
	}
	title := who.say("topup.request", "TopUp", topupName(t.ID))
	var row []Button
	switch t.State {
	case store.TopUpSent:
		row = []Button{who.primary("topup.claim", "tuclaim:"+t.ID)}
	case store.TopUpClaimed, store.TopUpRefused:
		row = []Button{who.button("topup.look", "tusee:"+t.ID)}
	}
	return Screen{Chat: admin, Edit: t.Posts[admin], Text: clip(title+"\n\n"+body, captionLimit), Marks: []Mark{{Kind: "bold", Length: units(title)}},
		Rows: kept(row), Keep: true, Language: who.language, Picture: t.Picture, TopUp: Told{ID: t.ID}}, nil
}

// captionLimit is the Bot API's limit of a caption, in UTF-16 code units.
const captionLimit = 1024

// topupNoticed ends a notice. With a failure it comes again; an admin or a person who cannot be reached finds it in the menus.
func (d *Desk) topupNoticed(ctx context.Context, n Notice, failure error) error {
	next := time.Duration(0)
	if failure != nil && !errors.Is(failure, checkout.ErrUnreachable) {
		next = noticeRetry
	}
	return d.endNotice(ctx, store.DueTopUp, store.Due{Member: n.TopUp, Fence: n.Fence}, next)
}

// rememberTopUp stores which message is an admin's receipt, and what a person was told.
func (d *Desk) rememberTopUp(ctx context.Context, s Sent) error {
	told := s.Screen.TopUp
	var err error
	switch {
	case told.ID == "":
	case told.Page && s.Message != s.Screen.Edit:
		err = d.talks.SetTopUpPage(ctx, told.ID, s.Message)
	case told.Page:
	case told.State != "":
		err = d.talks.SetTopUpTold(ctx, told.ID, told.State)
	case s.Message != s.Screen.Edit:
		err = d.talks.SetTopUpPost(ctx, told.ID, s.Screen.Chat, s.Message)
	}
	if err != nil {
		return fmt.Errorf("remember top-up: %w", err)
	}
	return nil
}
