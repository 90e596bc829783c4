package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// TicketState is where a report of a card stands.
type TicketState string

// The states of a ticket. Open leads to claimed, claimed to an end; paying is on the way to refunded or replaced, and back.
const (
	TicketOpen     TicketState = "open"    // waits for somebody of the staff
	TicketClaimed  TicketState = "claimed" // somebody looks at it
	TicketPaying   TicketState = "paying"  // a refund or a replacement is under way
	TicketRefunded TicketState = "refunded"
	TicketReplaced TicketState = "replaced"
	TicketRefused  TicketState = "refused"
	TicketClosed   TicketState = "closed" // nothing is left to do, says the buyer or the staff
)

// Ended tells whether nothing more happens.
func (s TicketState) Ended() bool {
	return s != TicketOpen && s != TicketClaimed && s != TicketPaying
}

// The steps of a ticket besides those that are called like the state they lead to.
const (
	TicketAnswered TicketState = "answered" // the staff wrote
	TicketWritten  TicketState = "written"  // the buyer wrote
	TicketBack     TicketState = "back"     // what was under way cannot be done
)

// How long words and pictures of a ticket are kept after its end, and how many words of both sides it holds.
const (
	wordsKept = 90 * 24 * time.Hour
	mostWords = 24
)

// What keeps a ticket from being opened; nothing was written.
var (
	// ErrNoCard is a card that did not come, or an order whose cards are all paid back.
	ErrNoCard = errors.New("no such card is there to be reported")
	// ErrNeverOpened is a report of a card that nobody has opened.
	ErrNeverOpened = errors.New("card was never opened")
	// ErrSettled is a card that was refunded or replaced before.
	ErrSettled = errors.New("card was refunded or replaced before")
)

// BusyError is a card about which another ticket is open; nothing was written.
type BusyError struct{ ID string }

// Error names the ticket.
func (e *BusyError) Error() string { return "ticket " + e.ID + " is open about this card" }

// Ticket is a report of a card that does not work.
type Ticket struct {
	ID      string
	User    int64
	Order   string
	Card    int    // from 1, in the order in which they are shown
	Line    string // short code
	Why     string // of a closed set
	Late    bool   // reported after the time within which claims are taken
	State   TicketState
	Admin   int64  // who has it
	Note    string // why it was refused, or could not be paid
	Replace bool   // with paying: a new order follows the refund
	New     string // that order
	Told    string // what the buyer was told last
	Heard   string // reference of the buyer's words that the staff was told of last
	Last    string // and of those that came last
	Picture Picture
	Words   []Words
	Posts   map[int64]int // by admin: the message with the ticket

	Created, ClaimedAt, Ended time.Time
	Waits                     time.Time // since when the staff has to say something; zero while it has not
}

// Words is something that was said in a ticket.
type Words struct {
	Staff bool
	Text  string
	At    time.Time
	Ref   string // a number that grows; 0 for what came with the report
}

// NewTicket is a report as it begins.
type NewTicket struct {
	ID, Order, Line, Why, Words string
	User                        int64
	Card                        int
	Picture                     Picture
	Daily                       int           // tickets of a person in a day
	Within                      time.Duration // after the first showing a report is in time
	Member                      string        // of news and times
	Event                       Event
}

// Reports is how many tickets there were of late, this one among them.
type Reports struct {
	Person int64 // of the person, in 30 days
	Line   int64 // about the line, in 7 days
	Fresh  bool  // false: it was there already
}

// OpenTicket opens a ticket once. It returns ErrNotFound for an order of somebody else, ErrConflict, ErrNoCard, ErrNeverOpened, ErrSettled,
// ErrMany and *BusyError.
func (s *Store) OpenTicket(ctx context.Context, n NewTicket) (Reports, error) {
	k, e := s.keys, n.Event
	word, rest, err := s.word(ctx, "open_ticket", []string{k.ticket(n.ID), k.ticketWords(n.ID), k.ticketCards(n.Order), k.order(n.Order),
		k.ticketsOf(n.User), k.ticketsOn(n.Line), k.ticketQueue(), k.due(DueNews), k.leases(DueNews), k.due(DueTimes), k.leases(DueTimes),
		k.events(), k.seq(), k.orderEvents(e.Order), k.personEvents(e.Person)},
		n.ID, n.User, n.Order, n.Card, n.Why, n.Words, n.Picture.File, flag(n.Picture.Document), n.Daily, n.Within.Milliseconds(), n.Member, e.pack(), n.Line)
	switch {
	case err != nil:
		return Reports{}, err
	case word == "opened":
		return Reports{Person: number(rest[0]), Line: number(rest[1]), Fresh: true}, nil
	case word == "exists":
		return Reports{}, nil
	case word == "nothing":
		return Reports{}, ErrNoCard
	case word == "unopened":
		return Reports{}, ErrNeverOpened
	case word == "done":
		return Reports{}, ErrSettled
	case word == "busy":
		return Reports{}, &BusyError{ID: rest[0]}
	}
	return Reports{}, refusal(word)
}

// TicketStep is one step of a ticket.
type TicketStep struct {
	To     TicketState
	Who    int64 // who takes it; 0 for the shop
	From   int64 // with claimed: the admin it is taken over from; 0 for nobody
	Text   string
	Ref    string // of words: the same one says them once; with paying the order that replaces the card, empty for a refund
	Pause  time.Duration
	Member string // of news and times
	Event  Event
}

// StepTicket takes a step. It tells whether that changed anything, and returns ErrNotFound, ErrEdge, and ErrFull for more words than are kept.
func (s *Store) StepTicket(ctx context.Context, t Ticket, st TicketStep) (bool, error) {
	k, e := s.keys, st.Event
	from := "-"
	if st.From != 0 {
		from = strconv.FormatInt(st.From, 10)
	}
	word, _, err := s.word(ctx, "step_ticket", []string{k.ticket(t.ID), k.ticketWords(t.ID), k.ticketCards(t.Order), k.ticketQueue(), k.due(DueNews),
		k.leases(DueNews), k.due(DueTimes), k.leases(DueTimes), k.events(), k.seq(), k.orderEvents(e.Order), k.personEvents(e.Person)},
		t.ID, string(st.To), st.Who, from, st.Text, st.Ref, mostWords, st.Pause.Milliseconds(), wordsKept.Milliseconds(), st.Member, e.pack())
	return changed(word, err)
}

// Ticket reads one. It returns ErrNotFound.
func (s *Store) Ticket(ctx context.Context, id string) (Ticket, error) {
	var fields, said *redis.MapStringStringCmd
	_, err := s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		fields, said = p.HGetAll(ctx, s.keys.ticket(id)), p.HGetAll(ctx, s.keys.ticketWords(id))
		return nil
	})
	if err != nil {
		return Ticket{}, fmt.Errorf("read ticket: %w", err)
	}
	f, w := fields.Val(), said.Val()
	if f["buyer"] == "" {
		return Ticket{}, ErrNotFound
	}
	t := Ticket{ID: id, User: number(f["buyer"]), Order: f["order"], Card: int(number(f["card"])), Line: f["line"], Why: f["why"], Late: f["late"] == "1",
		State: TicketState(f["st"]), Admin: number(f["by"]), Note: f["note"], Replace: f["how"] == "replace", New: f["new"], Told: f["told"], Heard: f["heard"],
		Last: f["last"], Picture: Picture{File: w["pic"], Document: w["pic.doc"] == "1"}, Posts: map[int64]int{},
		Created: moment(f["at"]), ClaimedAt: moment(f["claimed"]), Ended: moment(f["ended"]), Waits: moment(f["waits"])}
	for field, value := range f {
		if admin, ok := strings.CutPrefix(field, "m."); ok {
			t.Posts[number(admin)] = int(number(value))
		}
	}
	for field, value := range w {
		who, ref, ok := strings.Cut(field, ".")
		at, text, whole := strings.Cut(value, "|")
		if ok && whole && (who == "c" || who == "s") {
			t.Words = append(t.Words, Words{Staff: who == "s", Text: text, At: moment(at), Ref: ref})
		}
	}
	slices.SortFunc(t.Words, func(a, b Words) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(number(a.Ref), number(b.Ref))) })
	return t, nil
}

// SetTicketPost remembers which message shows a ticket to an admin.
func (s *Store) SetTicketPost(ctx context.Context, id string, admin int64, message int) error {
	return s.markTicket(ctx, id, "m."+strconv.FormatInt(admin, 10), strconv.Itoa(message))
}

// SetTicketTold remembers what the buyer was told.
func (s *Store) SetTicketTold(ctx context.Context, id, what string) error {
	return s.markTicket(ctx, id, "told", what)
}

// SetTicketHeard remembers of which words of the buyer the staff was told.
func (s *Store) SetTicketHeard(ctx context.Context, id, ref string) error {
	return s.markTicket(ctx, id, "heard", ref)
}

func (s *Store) markTicket(ctx context.Context, id, field, value string) error {
	word, _, err := s.word(ctx, "mark", []string{s.keys.ticket(id)}, field, value, "0")
	if err == nil && word != "ok" {
		err = refusal(word)
	}
	return err
}

// OpenTickets reads the tickets that have not ended, oldest first, from page 0. The second result tells whether there are more.
func (s *Store) OpenTickets(ctx context.Context, page, size int) ([]Ticket, bool, error) {
	ids, err := s.rdb.ZRange(ctx, s.keys.ticketQueue(), int64(page*size), int64(page*size+size)).Result()
	if err != nil {
		return nil, false, fmt.Errorf("list tickets: %w", err)
	}
	var list []Ticket
	for _, id := range ids[:min(len(ids), size)] {
		t, err := s.Ticket(ctx, id)
		if err != nil {
			return nil, false, err
		}
		list = append(list, t)
	}
	return list, len(ids) > size, nil
}

// TicketsAbout reads which tickets are open about cards of an order: card → id, or "done" for one that was paid back.
func (s *Store) TicketsAbout(ctx context.Context, order string) (map[int]string, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.ticketCards(order)).Result()
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	about := map[int]string{}
	for card, id := range m {
		about[int(number(card))] = id
	}
	return about, nil
}

// Reports counts the tickets of a person in 30 days, and those about a line in 7.
func (s *Store) Reports(ctx context.Context, user int64, line string) (Reports, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return Reports{}, err
	}
	since := func(d time.Duration) string { return strconv.FormatInt(now.Add(-d).UnixMilli(), 10) }
	var person, about *redis.IntCmd
	_, err = s.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		person = p.ZCount(ctx, s.keys.ticketsOf(user), since(30*24*time.Hour), "+inf")
		about = p.ZCount(ctx, s.keys.ticketsOn(line), since(7*24*time.Hour), "+inf")
		return nil
	})
	if err != nil {
		return Reports{}, fmt.Errorf("count tickets: %w", err)
	}
	return Reports{Person: person.Val(), Line: about.Val()}, nil
}
