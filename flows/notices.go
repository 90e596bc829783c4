package flows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// How long a notice belongs to one process, and when one that could not be sent is tried again.
const (
	noticeLease = 30 * time.Second
	noticeRetry = 20 * time.Second
)

// notices is what the desk needs to bring news of orders to their buyers.
type notices interface {
	reminders
	ClaimDue(ctx context.Context, kind store.DueKind, limit int, lease time.Duration) ([]store.Due, error)
	AckDue(ctx context.Context, kind store.DueKind, d store.Due, next time.Duration) error
	SetOrderMessage(ctx context.Context, order string, message int) error
	SetOrderPost(ctx context.Context, order string, chat int64) error
	SetOfferMessage(ctx context.Context, order string, message int) error
	MarkOffered(ctx context.Context, order string) error
	topupNews
	ticketNews
	moveNews
	approvalNews
	linkNews
}

// Notice is an order with news for its buyer, leased to this process.
type Notice struct {
	Order string
	TopUp string // the request to fill a wallet that it is about, instead of an order
	News  string // what else it is about, instead of either
	// Approval is the approval of a dangerous act that it is about, User who hears of it, and Stands how it stood then.
	Approval string
	User     int64
	Stands   store.ApprovalState
	Fence    int64
}

// DueNotices lists orders with news for their buyers.
func (d *Desk) DueNotices(ctx context.Context, limit int) ([]Notice, error) {
	due, err := d.talks.ClaimDue(ctx, store.DueNotice, limit, noticeLease)
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	out := make([]Notice, len(due))
	for i, n := range due {
		out[i] = Notice{Order: n.Member, Fence: n.Fence}
	}
	if out, err = d.topupNotices(ctx, out, limit); err != nil {
		return nil, err
	}
	if out, err = d.newsNotices(ctx, out, limit); err != nil {
		return nil, err
	}
	return d.approvalNotices(ctx, out, limit)
}

// Notice says what to edit and send: the order's timeline and, once its cards are there, the offer to show them.
func (d *Desk) Notice(ctx context.Context, n Notice) (Reply, error) {
	if n.TopUp != "" {
		return d.topupNotice(ctx, n.TopUp)
	}
	if n.News != "" {
		return d.newsNotice(ctx, n.News)
	}
	if n.Approval != "" {
		return d.approvalNotice(ctx, n)
	}
	o, err := d.shop.Order(ctx, n.Order, 0)
	if errors.Is(err, checkout.ErrNotFound) {
		return Reply{}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("read order: %w", err)
	}
	s, number, err := d.buyersSpeech(ctx, o)
	if err != nil {
		return Reply{}, err
	}
	if o, err = d.followed(ctx, o); err != nil {
		return Reply{}, err
	}
	if o.Post != o.Chat { // in a group a buyer's number is nobody else's business
		number = 0
	}
	screen := d.timelineScreen(s, o, o.Message, number)
	screen.Chat, screen.Thread = o.Post, o.Thread
	reply := Reply{Screens: []Screen{screen}}
	if o.Reveal.State == store.Sealed && o.Offered.IsZero() && o.State.Final() && !o.Slip.Away(d.now()) {
		token, err := d.shop.Offer(ctx, o.ID)
		if err != nil {
			return Reply{}, fmt.Errorf("offer cards: %w", err)
		}
		reply.Screens = append(reply.Screens, d.offered(s, o, token))
	} else if stage := d.shop.Reminder(o); stage != "" && !o.Slip.Away(d.now()) {
		token, err := d.shop.Offer(ctx, o.ID)
		if err != nil {
			return Reply{}, fmt.Errorf("offer cards: %w", err)
		}
		reply.Screens = append(reply.Screens, d.reminder(s, o, stage, token))
	}
	if news, ok := offerNews(s, o, d.now()); ok {
		reply.Screens = append(reply.Screens, news)
	}
	reply.Screens = append(reply.Screens, linkScreens(s, o, d.now())...)
	return reply, nil
}

// offered is the offer, with a link as another way where there are links.
func (d *Desk) offered(s speech, o store.Order, token string) Screen {
	screen := offer(s, o, token)
	if d.links != nil {
		screen.Rows = append(screen.Rows, kept([]Button{(&visit{speech: s}).button("button.bylink", "link:"+o.ID)})...)
	}
	return screen
}

// offer is the message with the Show button; it holds no code.
func offer(s speech, o store.Order, token string) Screen {
	v := &visit{speech: s}
	title := s.count("offer.title", o.Delivered)
	show := v.button("button.show", "s:"+o.ID+":"+token)
	show.Style = "success"
	return Screen{
		Chat: o.Chat, Text: title + "\n\n" + lines(s.say("order.name", "Order", orderName(o.ID)), s.count("offer.body", o.Delivered)),
		Marks: []Mark{{Kind: "bold", Length: units(title)}}, Rows: [][]Button{{show}}, Keep: true, Offer: o.ID, Language: s.language,
	}
}

// buyersSpeech is the language the buyer has chosen, or had when buying, and the buyer's number.
func (d *Desk) buyersSpeech(ctx context.Context, o store.Order) (speech, int64, error) {
	kept, err := d.talks.LoadTalk(ctx, o.Chat, 0)
	if err != nil {
		return speech{}, 0, fmt.Errorf("load talk: %w", err)
	}
	if kept.Language != "" {
		return d.words.in(kept.Language), kept.Customer, nil
	}
	snap, err := checkout.SnapshotOf(o)
	if err != nil {
		d.log.Error("snapshot cannot be read", "order", o.ID, "err", err)
	}
	return d.words.in(snap.Language), kept.Customer, nil
}

// Noticed ends a notice. With a failure it comes again later; for a buyer who cannot be reached it waits until they are
// back.
func (d *Desk) Noticed(ctx context.Context, n Notice, sent []Sent, failure error) error {
	if err := d.remember(ctx, sent); err != nil {
		return err
	}
	if n.TopUp != "" {
		return d.topupNoticed(ctx, n, failure)
	}
	if n.News != "" {
		return d.newsNoticed(ctx, n, failure)
	}
	if n.Approval != "" {
		return d.approvalNoticed(ctx, n, sent, failure)
	}
	next := time.Duration(0)
	switch {
	case errors.Is(failure, checkout.ErrUnreachable):
		if err := d.hold(ctx, n.Order); err != nil {
			return err
		}
	case failure != nil:
		next = noticeRetry
	default:
		o, err := d.shop.Order(ctx, n.Order, 0)
		if err != nil && !errors.Is(err, checkout.ErrNotFound) {
			return fmt.Errorf("read order: %w", err)
		}
		if err == nil {
			next = sooner(nextWait(o, d.now()), nextLink(o, d.now()))
		}
	}
	return d.endNotice(ctx, store.DueNotice, store.Due{Member: n.Order, Fence: n.Fence}, next)
}

// endNotice ends the claim of news of one kind; next 0 for good, else they come back then.
func (d *Desk) endNotice(ctx context.Context, kind store.DueKind, n store.Due, next time.Duration) error {
	err := d.talks.AckDue(ctx, kind, n, next)
	if err != nil && !errors.Is(err, store.ErrFenced) { // fenced: there are newer news, which another claim brings
		return fmt.Errorf("end notice: %w", err)
	}
	return nil
}

// remember stores which messages carry timelines and that offers were made.
func (d *Desk) remember(ctx context.Context, sent []Sent) error {
	for _, s := range sent {
		if s.Message == 0 {
			continue
		}
		if s.Screen.Order != "" && s.Message != s.Screen.Edit {
			if err := d.talks.SetOrderMessage(ctx, s.Screen.Order, s.Message); err != nil {
				return fmt.Errorf("remember timeline: %w", err)
			}
			if s.Screen.Chat != 0 { // a moved group's: after the message, which must not be looked for in the wrong chat
				if err := d.talks.SetOrderPost(ctx, s.Screen.Order, s.Screen.Chat); err != nil {
					return fmt.Errorf("remember timeline: %w", err)
				}
			}
		}
		if err := errors.Join(d.rememberTopUp(ctx, s), d.rememberTicket(ctx, s), d.rememberMove(ctx, s), d.rememberNote(ctx, s), d.rememberLink(ctx, s)); err != nil {
			return err
		}
		if s.Screen.Offer != "" {
			if err := d.talks.SetOfferMessage(ctx, s.Screen.Offer, s.Message); err != nil {
				return fmt.Errorf("remember offer: %w", err)
			}
			if err := d.talks.MarkOffered(ctx, s.Screen.Offer); err != nil {
				return fmt.Errorf("remember offer: %w", err)
			}
			if s.Screen.Remind != "" {
				if err := d.talks.MarkReminded(ctx, s.Screen.Offer, s.Screen.Remind); err != nil {
					return fmt.Errorf("remember reminder: %w", err)
				}
			}
		}
	}
	return nil
}
