package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cardrop/store"
)

// dateShape is how a day's date is written where it is a key; it sorts.
const dateShape = "20060102"

// bookPage is how many entries of the ledger are summed at a time.
const bookPage = 500

// ErrBooks means that the days are still being summed up, which takes a while when it is done for the first time.
var ErrBooks = errors.New("days are being summed up")

// daybook are the days as far as they are summed up: those that are over are kept in Redis, the present one in this process only. It
// follows from the ledger, so that each process may sum for itself.
type daybook struct {
	mu   sync.Mutex
	open *Day // the latest day that was begun; nil before the first look
	last string
}

// BalanceBooks sums up what was booked since the last look, and keeps the days that are over. It is called by a tick; whoever asks for a
// day does the same for what is new.
func (s *Shop) BalanceBooks(ctx context.Context) error {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	return s.sumUp(ctx)
}

// DayOf reads what a day came to; the present one as far as it has gone. Days without an entry come to what stood before. It returns
// ErrBooks while the sums are not known yet.
func (s *Shop) DayOf(ctx context.Context, at time.Time) (Day, error) {
	list, err := s.DaysOf(ctx, at, at)
	if err != nil {
		return Day{}, err
	}
	return list[0], nil
}

// DaysOf reads the days from one to another, oldest first.
func (s *Shop) DaysOf(ctx context.Context, from, to time.Time) ([]Day, error) {
	s.books.mu.Lock()
	defer s.books.mu.Unlock()
	if err := s.sumUp(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ErrBooks
		}
		return nil, err
	}
	dates, err := s.o.Store.DayDates(ctx)
	if err != nil {
		return nil, err
	}
	slices.Sort(dates)
	var list []Day
	for day := from; ; day = day.AddDate(0, 0, 1) {
		date := day.In(s.zone()).Format(dateShape)
		if date > to.In(s.zone()).Format(dateShape) {
			return list, nil
		}
		d, err := s.day(ctx, date, dates)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
}

// day is one day: the present one, one that is kept, or one on which nothing was booked.
func (s *Shop) day(ctx context.Context, date string, kept []string) (Day, error) {
	if open := s.books.open; open != nil && date >= open.Date {
		if date == open.Date {
			d := clone(*open)
			d.close()
			return d, nil
		}
		d := *open.next(date)
		d.close()
		return d, nil
	}
	at, found := slices.BinarySearch(kept, date)
	if !found && at == 0 {
		return Day{Date: date}, nil // before the first entry
	}
	if !found {
		at--
	}
	d, err := s.keptDay(ctx, kept[at])
	if err != nil || found {
		return d, err
	}
	empty := *d.next(date)
	empty.close()
	return empty, nil
}

func (s *Shop) keptDay(ctx context.Context, date string) (Day, error) {
	texts, err := s.o.Store.Days(ctx, date)
	if err != nil {
		return Day{}, err
	}
	var d Day
	if err := json.Unmarshal(texts[0], &d); err != nil {
		return Day{}, fmt.Errorf("read day %s: %w", date, err)
	}
	return d, nil
}

// clone is a copy that does not change with the day.
func clone(d Day) Day {
	text, err := json.Marshal(d)
	if err == nil {
		var c Day
		if err = json.Unmarshal(text, &c); err == nil {
			return c
		}
	}
	return d
}

// sumUp reads the ledger on from where the last look ended.
func (s *Shop) sumUp(ctx context.Context) error {
	if err := s.resumeBooks(ctx); err != nil {
		return err
	}
	for {
		page, err := s.o.Store.Booked(ctx, s.books.open.Next, bookPage)
		if err != nil {
			return err
		}
		if err := s.book(ctx, page); err != nil {
			return err
		}
		if len(page) < bookPage {
			return nil
		}
	}
}

// resumeBooks begins behind the latest day that is kept, and anew when Redis went back behind where this process was.
func (s *Shop) resumeBooks(ctx context.Context) error {
	if open := s.books.open; open != nil {
		if open.Next == 0 {
			return nil
		}
		last, err := s.o.Store.Booked(ctx, open.Next-1, 1)
		if err != nil {
			return err
		}
		if len(last) == 1 && last[0].ID == s.books.last {
			return nil
		}
	}
	dates, err := s.o.Store.DayDates(ctx)
	if err != nil {
		return err
	}
	s.books.open, s.books.last = &Day{}, ""
	if len(dates) == 0 {
		return nil
	}
	d, err := s.keptDay(ctx, slices.Max(dates))
	if err != nil {
		return err
	}
	last, err := s.o.Store.Booked(ctx, d.Next-1, 1)
	if err != nil {
		return err
	}
	if len(last) == 1 && s.dateOf(last[0].At) <= d.Date {
		s.books.open, s.books.last = &d, last[0].ID
	}
	return nil // else the days are of a ledger that is gone: all is summed again
}

func (s *Shop) dateOf(t time.Time) string { return t.In(s.zone()).Format(dateShape) }

// book adds a page of entries. A day ends at the first entry of a later one; what an entry's clock says of an earlier day belongs to
// the day that is open: the order of booking decides.
func (s *Shop) book(ctx context.Context, page []store.Entry) error {
	orders, err := s.ordersOf(ctx, page)
	if err != nil {
		return err
	}
	last := ""
	for _, e := range page {
		if date := s.dateOf(e.At); date > s.books.open.Date {
			if err := s.turnOver(ctx, date); err != nil {
				return err
			}
		}
		who, err := s.taker(ctx, e)
		if err != nil {
			return err
		}
		id := orderOf(e.ID)
		o := orders[id]
		s.books.open.add(e, who, o)
		s.books.last = e.ID
		if o != nil && id != last && o.State.Final() && o.Final.UnixMilli() == e.At.UnixMilli() && !strings.Contains(e.ID, ":refund:") {
			s.books.open.ended(*o)
			last = id
		}
	}
	return nil
}

// turnOver keeps the day that is over and begins the next one.
func (s *Shop) turnOver(ctx context.Context, date string) error {
	open := s.books.open
	if open.Date != "" {
		open.close()
		text, err := json.Marshal(open)
		if err != nil {
			return fmt.Errorf("write day: %w", err)
		}
		if err := s.o.Store.KeepDay(ctx, open.Date, text); err != nil {
			return err
		}
	}
	s.books.open = open.next(date)
	return nil
}

// ordersOf reads the orders that entries belong to, where more than the entry is to be known.
func (s *Shop) ordersOf(ctx context.Context, page []store.Entry) (map[string]*store.Order, error) {
	var ids []string
	for _, e := range page {
		if id := orderOf(e.ID); isOrderID(id) && e.To != store.Hold && !strings.HasPrefix(e.From, store.External) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	found := map[string]*store.Order{}
	for part := range slices.Chunk(slices.Compact(ids), 200) {
		list, err := s.o.Store.Orders(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			found[o.ID] = &o
		}
	}
	return found, nil
}
