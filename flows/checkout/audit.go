package checkout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cardrop/store"
)

// How much of the record one look takes.
const (
	auditPage = 20
	auditRead = 200   // entries read at a time, when the first of the trail are not enough
	auditScan = 5_000 // entries looked at for one page, four times as many for an empty one; the rest is behind the next page
)

// AuditQuery chooses entries of the record; all that is set has to fit.
type AuditQuery struct {
	Order  string    // an order's id
	User   int64     // whose money or card it is
	Group  int64     // a group's chat: what concerns it, and its orders
	Actor  int64     // who did it
	Kind   string    // such as ORDER_OPENED
	Since  time.Time // at or after
	Until  time.Time // before
	Cursor string    // of the page before; empty for the newest entries
	Size   int       // of a page; 20
}

// AuditPage is a page of entries, newest first. An entry of which only the ID is there was taken out of the record.
type AuditPage struct {
	Events []store.Event
	Next   string // the cursor of the next page; empty at the end

	Archived Checkpoint // up to where older entries were archived that may fit too; zero when there are none, or before the last page
}

// search is a query with pseudonyms, as the record knows people.
type search struct {
	AuditQuery
	person, group, actor string
	none                 bool // nothing can fit
}

// Audit reads a page of the record, newest first. Reading it is itself an event. It returns ErrNotFound for a group that was never linked.
func (s *Shop) Audit(ctx context.Context, admin int64, q AuditQuery) (AuditPage, error) {
	c, err := s.seek(ctx, q)
	if err != nil {
		return AuditPage{}, err
	}
	page, err := s.auditPage(ctx, c)
	if err != nil {
		return AuditPage{}, fmt.Errorf("read record: %w", err)
	}
	return page, s.auditRead(ctx, admin, c, "page")
}

// seek finds the pseudonyms of a query.
func (s *Shop) seek(ctx context.Context, q AuditQuery) (search, error) {
	c := search{AuditQuery: q}
	if c.Size <= 0 {
		c.Size = auditPage
	}
	if q.User != 0 {
		c.person = s.o.Ring.Pseudonym(q.User)
	}
	if q.Actor != 0 {
		c.actor = s.o.Ring.Pseudonym(q.Actor)
	}
	if q.Group != 0 {
		g, err := s.Group(ctx, q.Group)
		if err != nil {
			return c, err
		}
		c.group = s.o.Ring.Pseudonym(g.ID())
		if q.Order != "" { // the way by order does not see to the group
			pays, err := s.o.Store.OrderAccounts(ctx, []string{q.Order})
			if err != nil {
				return c, err
			}
			c.none = pays[0] != g.Account
		}
	}
	return c, nil
}

// auditRead writes down what was read. It names that in its data only: indexed by it, it would move the pages it reads.
func (s *Shop) auditRead(ctx context.Context, admin int64, c search, how string) error {
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	read := store.Event{Kind: EventAuditRead, Actor: actor, Data: map[string]string{"how": how}}
	add := func(key, value string) {
		if value != "" {
			read.Data[key] = value
		}
	}
	if c.Order != "" {
		add("order", "unknown") // an admin may type anything, a code too
		if isOrderID(c.Order) {
			add("order", c.Order)
		}
	}
	add("person", c.person)
	add("group", c.group)
	add("actor", c.actor)
	if EventKinds()[c.Kind] {
		add("kind", c.Kind)
	}
	const when = "20060102T150405Z"
	if !c.Since.IsZero() {
		add("since", c.Since.UTC().Format(when))
	}
	if !c.Until.IsZero() {
		add("until", c.Until.UTC().Format(when))
	}
	if err := s.o.Store.Record(ctx, read); err != nil {
		return fmt.Errorf("record the reading: %w", err)
	}
	return nil
}

// trail is the shortest way through the record on which everything that was chosen lies.
func (c search) trail() store.Trail {
	switch {
	case c.Order != "":
		return store.Trail{Order: c.Order}
	case c.group != "":
		return store.Trail{Group: c.group}
	case c.person != "":
		return store.Trail{Person: c.person}
	case c.actor != "":
		return store.Trail{Actor: c.actor}
	default:
		return store.Trail{Kind: c.Kind}
	}
}

// fits tells whether an entry was chosen. The trail has seen to order and group already.
func (c search) fits(e store.Event) bool {
	return (c.person == "" || e.Person == c.person) && (c.actor == "" || e.Actor == c.actor) && (c.Kind == "" || e.Kind == c.Kind) &&
		(c.Until.IsZero() || e.At.Before(c.Until))
}

// auditPage walks back along the trail until the page is full.
func (s *Shop) auditPage(ctx context.Context, c search) (AuditPage, error) {
	page := AuditPage{Next: c.Cursor}
	if c.none {
		return AuditPage{}, nil
	}
	_, base, err := s.base(ctx)
	if err != nil && !errors.Is(err, errBase) { // a beginning that is not ours is what /audit verify tells; what is there can be read
		return AuditPage{}, err
	}
	trail := c.trail()
	if trail == (store.Trail{}) && c.Cursor == "" && !c.Until.IsZero() {
		page.Next = store.Before(c.Until.Add(time.Millisecond))
	}
	scanned := 0
	for n := c.Size + 1; ; n = auditRead { // most often the first of the trail are the page
		steps, err := s.o.Store.EventsBefore(ctx, trail, page.Next, n)
		if err != nil {
			return AuditPage{}, err
		}
		for _, step := range steps {
			gone := step.Kind == ""
			switch {
			case base.Seq > 0 && store.Within(step.ID, base.ID):
				return c.ended(page, base), nil
			case !gone && step.At.Before(c.Since):
				return c.ended(page, Checkpoint{}), nil
			case !gone && !c.fits(step.Event):
			case len(page.Events) == c.Size:
				return page, nil
			default:
				page.Events = append(page.Events, step.Event)
			}
			page.Next = step.Next
		}
		switch scanned += len(steps); {
		case len(steps) < n:
			return c.ended(page, base), nil
		case scanned >= auditScan && len(page.Events) > 0, scanned >= 4*auditScan:
			return page, nil
		}
	}
}

// ended is the last page. Older entries that may fit lie in the archive when the record does not begin with the shop's first entry.
func (c search) ended(page AuditPage, base Checkpoint) AuditPage {
	if page.Next = ""; base.Seq > 0 && c.Since.Before(base.At) {
		page.Archived = base
	}
	return page
}

// EventKinds is the closed set of what the record tells of.
func EventKinds() map[string]bool {
	kinds := map[string]bool{}
	for _, kind := range []string{EventOpened, EventAsked, EventPlacement, EventEnded, EventOffered, EventAgain, EventClaimed, EventShowing,
		EventDelivered, EventNetCard, EventFailed, EventExtended, EventSaved, EventRemoved, EventShredded, EventDenied, EventCredited,
		EventLinked, EventUnlinked, EventMoved, EventWoken, EventPaused, EventResumed, EventSwitched, EventAccepted, EventAuditRead, EventKey,
		EventDecided, EventPaidBack, EventSupplied, EventStock, EventPriced, EventRated, EventTerms, EventBanned, EventUnbanned, EventStaffed, EventReissued, EventArranged, EventApprovalAsked, EventApprovalGiven, EventApprovalEnded, EventSpent, EventDropped,
		EventDebited, EventTopUpAsked, EventTopUpSent, EventTopUpClaimed, EventTopUpCredited, EventTopUpRefused, EventTopUpExpired,
		EventTopUpReversed, EventStarsBack, EventRenewed, EventRestored, EventReminded, EventCompared, EventFound, EventSent, EventReceived,
		EventClosed, EventReopened, EventDeposited, EventReckoned, EventArchived, EventRehearsed, EventSlip, EventVoid, EventCastBegun, EventCastPaused, EventCastResumed, EventCastCanceled,
		EventCastOver, EventTicketOpened, EventTicketClaimed, EventTicketAnswered, EventTicketWritten, EventTicketPaying, EventTicketEnded, EventMoveBegun, EventMoveTried, EventMoveProven,
		EventMoveStopped, EventMoveOver, EventMoving, EventMoveDone, EventOrderMoved} {
		kinds[kind] = true
	}
	return kinds
}

// KindsLike lists the kinds whose name contains a word, in any case, with spaces or dashes for underlines.
func KindsLike(word string) []string {
	word = strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(word)))
	var list []string
	for kind := range EventKinds() {
		if kind == word {
			return []string{kind}
		}
		if strings.Contains(kind, word) {
			list = append(list, kind)
		}
	}
	return list
}
