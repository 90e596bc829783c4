package checkout

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"cardrop/store"
)

// How reports of cards are bounded and watched.
const (
	ticketsDaily = 5                // reports of one person in a day
	manyReports  = 5                // of a person in 30 days, or about one line in 7: worth an alarm
	claimsWithin = 72 * time.Hour   // unless the settings say otherwise
	payingPause  = 15 * time.Second // until what was begun about a report is gone on with
)

// What keeps a report from being taken.
var (
	// ErrNeverOpened is a report of cards that were never opened: they have to be shown first.
	ErrNeverOpened = errors.New("cards were never opened")
	// ErrReported is a card that was refunded or replaced before.
	ErrReported = errors.New("card was refunded or replaced before")
	// ErrTickets is a person who has reported as many cards today as is allowed.
	ErrTickets = errors.New("too many reports today")
	// ErrWordy is a ticket that holds as many words as are kept.
	ErrWordy = errors.New("as much was said in this report as is kept")
)

// ReportedError is a card about which a report is open already.
type ReportedError struct{ ID string }

// Error names the report.
func (e *ReportedError) Error() string { return "report " + e.ID + " is open about this card" }

// TicketStateError is a step that a ticket does not allow where it stands.
type TicketStateError struct{ Ticket store.Ticket }

// Error tells the state.
func (e *TicketStateError) Error() string { return "ticket is " + string(e.Ticket.State) }

// Complaints are why a card may be reported.
func Complaints() []string { return []string{"used", "rejected", "region", "amount", "other"} }

// Report is what a buyer says of a card that does not work.
type Report struct {
	ID      string // minted when the screen is drawn: the same one opens one ticket
	Order   string
	Card    int    // from 1, as it is shown
	Why     string // one of Complaints
	Words   string // empty for none
	Picture store.Picture
}

// ClaimsWithin is how long after the first showing a report is in time.
func (s *Shop) ClaimsWithin() time.Duration {
	if s.o.ReportWithin > 0 {
		return s.o.ReportWithin
	}
	return claimsWithin
}

// OpenTicket takes a report once for each id. It returns ErrNotFound for an order of somebody else, ErrNothing, ErrNeverOpened, ErrReported,
// *ReportedError, ErrTickets, and ErrNote for words that cannot be kept, such as a code of the order.
func (s *Shop) OpenTicket(ctx context.Context, user int64, r Report) (store.Ticket, error) {
	o, err := s.own(ctx, r.Order, user, "report")
	if err != nil {
		return store.Ticket{}, err
	}
	if !slices.Contains(Complaints(), r.Why) {
		return store.Ticket{}, ErrNotFound
	}
	if r.Words != "" {
		if r.Words, err = s.worded(ctx, o, r.Words); err != nil {
			return store.Ticket{}, err
		}
	}
	snap, err := SnapshotOf(o)
	if err != nil {
		return store.Ticket{}, err
	}
	if _, err := s.person(ctx, user); err != nil {
		return store.Ticket{}, err
	}
	n, err := s.o.Store.OpenTicket(ctx, store.NewTicket{ID: r.ID, Order: r.Order, Line: snap.Line, Why: r.Why, Words: r.Words, User: user, Card: r.Card,
		Picture: r.Picture, Daily: ticketsDaily, Within: s.ClaimsWithin(), Member: memberOf(kindTicket, r.ID),
		Event: s.byBuyer(EventTicketOpened, o, map[string]string{"ticket": r.ID, "card": itoa(r.Card), "reason": r.Why})})
	if err != nil {
		return store.Ticket{}, reported(err)
	}
	if n.Fresh {
		s.suspect(ctx, user, snap.Line, n)
		nudge(s.news)
	}
	return s.Ticket(ctx, r.ID, user)
}

// CheckWords tells whether words about an order's card may be kept: they are plain, and hold no code of it. It returns ErrNote and ErrNotFound.
func (s *Shop) CheckWords(ctx context.Context, user int64, order, words string) error {
	o, err := s.Order(ctx, order, user)
	if err == nil {
		_, err = s.worded(ctx, o, words)
	}
	return err
}

// reported turns what the store says about a report into what the shop says.
func reported(err error) error {
	busy, open := errors.AsType[*store.BusyError](err)
	switch {
	case open:
		return &ReportedError{ID: busy.ID}
	case errors.Is(err, store.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, store.ErrNoCard):
		return ErrNothing
	case errors.Is(err, store.ErrNeverOpened):
		return ErrNeverOpened
	case errors.Is(err, store.ErrSettled):
		return ErrReported
	case errors.Is(err, store.ErrMany):
		return ErrTickets
	case errors.Is(err, store.ErrConflict):
		return ErrConflict
	case errors.Is(err, store.ErrFull):
		return ErrWordy
	}
	return err
}

// suspect alarms when one person, or one line, comes to many reports: at that report, not with each that follows.
func (s *Shop) suspect(ctx context.Context, user int64, line string, n store.Reports) {
	if n.Person == manyReports {
		s.alarm(ctx, "many_reports", "user "+itoa(user)+", "+itoa(n.Person)+" in 30 days")
	}
	if n.Line == manyReports {
		s.alarm(ctx, "many_bad_cards", "product "+line+", "+itoa(n.Line)+" reports in 7 days")
	}
}

// Ticket reads a report for its buyer, or for the staff with user 0. It returns ErrNotFound also when it is another's.
func (s *Shop) Ticket(ctx context.Context, id string, user int64) (store.Ticket, error) {
	t, err := s.o.Store.Ticket(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && user != 0 && t.User != user {
		return store.Ticket{}, ErrNotFound
	}
	return t, err
}

// TicketOf tells which report a member of the news is about; false for other news.
func TicketOf(member string) (id string, ok bool) { return about(kindTicket, member) }

// Tickets reads a page of the reports that have not ended, oldest first. The second result tells whether there are more.
func (s *Shop) Tickets(ctx context.Context, page, size int) ([]store.Ticket, bool, error) {
	return s.o.Store.OpenTickets(ctx, page, size)
}

// TicketsAbout reads which reports are open about cards of an order: card → id, or "done" for one that was paid back.
func (s *Shop) TicketsAbout(ctx context.Context, order string) (map[int]string, error) {
	return s.o.Store.TicketsAbout(ctx, order)
}

// Reports counts a person's reports in 30 days, and those about a line in 7.
func (s *Shop) Reports(ctx context.Context, user int64, line string) (store.Reports, error) {
	return s.o.Store.Reports(ctx, user, line)
}

// ClaimTicket lets somebody of the staff look at a report: the first one has it. from is who it is taken over from, 0 for nobody. It returns
// ErrNotFound, and *TicketStateError where somebody else has it or it is over.
func (s *Shop) ClaimTicket(ctx context.Context, admin int64, id string, from int64) error {
	return s.stepTicket(ctx, admin, id, EventTicketClaimed, store.TicketStep{To: store.TicketClaimed, From: from}, nil)
}

// RefuseTicket ends a report that the admin has, with a reason its buyer reads. Errors as of ClaimTicket, and ErrNote.
func (s *Shop) RefuseTicket(ctx context.Context, admin int64, id, reason string) error {
	return s.stepTicket(ctx, admin, id, EventTicketEnded, store.TicketStep{To: store.TicketRefused, Text: reason}, map[string]string{"state": string(store.TicketRefused)})
}

// CloseTicket ends a report about which nothing is left to do, says its buyer or the admin who has it. Errors as of ClaimTicket.
func (s *Shop) CloseTicket(ctx context.Context, who int64, id string) error {
	return s.stepTicket(ctx, who, id, EventTicketEnded, store.TicketStep{To: store.TicketClosed}, map[string]string{"state": string(store.TicketClosed)})
}

// AnswerTicket tells the buyer something; ref says it once. Errors as of RefuseTicket, and ErrWordy.
func (s *Shop) AnswerTicket(ctx context.Context, admin int64, id, text, ref string) error {
	return s.stepTicket(ctx, admin, id, EventTicketAnswered, store.TicketStep{To: store.TicketAnswered, Text: text, Ref: ref}, nil)
}

// WriteTicket takes further words of the buyer; ref says them once. Errors as of AnswerTicket.
func (s *Shop) WriteTicket(ctx context.Context, user int64, id, text, ref string) error {
	if _, err := s.Ticket(ctx, id, user); err != nil {
		return err
	}
	return s.stepTicket(ctx, user, id, EventTicketWritten, store.TicketStep{To: store.TicketWritten, Text: text, Ref: ref}, nil)
}

// stepTicket takes a step that a person asked for. Whatever is said is compared with the order's codes first.
func (s *Shop) stepTicket(ctx context.Context, who int64, id, kind string, st store.TicketStep, data map[string]string) error {
	t, err := s.Ticket(ctx, id, 0)
	if err != nil {
		return err
	}
	o, err := s.Order(ctx, t.Order, 0)
	if err != nil {
		return err
	}
	if st.To == store.TicketRefused || st.To == store.TicketAnswered || st.To == store.TicketWritten {
		if st.Text, err = s.worded(ctx, o, st.Text); err != nil {
			return err
		}
	}
	actor := system
	if who != 0 {
		if actor, err = s.person(ctx, who); err != nil {
			return err
		}
	}
	st.Who, st.Member = who, memberOf(kindTicket, id)
	st.Event = s.event(kind, o, actor, map[string]string{"ticket": id})
	maps.Copy(st.Event.Data, data)
	if _, err := s.o.Store.StepTicket(ctx, t, st); err != nil {
		return s.ticketState(ctx, id, err)
	}
	nudge(s.news)
	return nil
}

// ticketState turns a step that is not allowed into where the ticket stands now.
func (s *Shop) ticketState(ctx context.Context, id string, err error) error {
	if !errors.Is(err, store.ErrEdge) {
		return reported(err)
	}
	t, err := s.Ticket(ctx, id, 0)
	if err != nil {
		return err
	}
	return &TicketStateError{Ticket: t}
}
