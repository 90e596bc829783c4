package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cardrop/store"
)

// byOperator is the cause for which an operator stopped buying.
const byOperator = "operator"

// Bounds of a closure.
const (
	longestClosure = 60 * 24 * time.Hour
	longestWords   = 300 // characters a customer reads
)

// ErrClosure is a closure that cannot be: its words are missing, too long or not plain text, or its end is past or too far away.
var ErrClosure = errors.New("closure has no fit words or end")

// Closure is why nothing is bought by an operator's word. Cards are shown, deleted and refunded as ever.
type Closure struct {
	Words string    `json:"words"`          // for customers
	Until time.Time `json:"until,omitzero"` // zero until an operator opens
}

// ClosedError is a purchase while an operator has closed the shop; no money moved. It is an ErrClosed.
type ClosedError struct {
	Closure
}

// Error says that the shop is closed.
func (e *ClosedError) Error() string { return "buying is stopped by an operator" }

// Is tells that it is an ErrClosed.
func (e *ClosedError) Is(target error) bool { return target == ErrClosed }

// Close stops buying, with words for the customers; a further call replaces words and end. It returns ErrClosure.
func (s *Shop) Close(ctx context.Context, admin int64, c Closure) error {
	left := c.Until.Sub(s.o.Now())
	if c.Words == "" || utf8.RuneCountInString(c.Words) > longestWords || !plain(c.Words) ||
		!c.Until.IsZero() && (left <= 0 || left > longestClosure) {
		return ErrClosure
	}
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write closure: %w", err)
	}
	data := map[string]string{}
	if !c.Until.IsZero() {
		data["until"] = itoa(c.Until.UnixMilli())
	}
	_, err = s.o.Store.BarFor(ctx, byOperator, string(text), store.Event{Kind: EventClosed, Actor: actor, Data: data})
	return err
}

// OpenAgain ends a closure. It returns ErrNotFound when there is none.
func (s *Shop) OpenAgain(ctx context.Context, admin int64) error {
	actor, err := s.person(ctx, admin)
	if err != nil {
		return err
	}
	return s.endClosure(ctx, actor)
}

func (s *Shop) endClosure(ctx context.Context, actor string) error {
	changed, err := s.o.Store.Bar(ctx, byOperator, false, store.Event{Kind: EventReopened, Actor: actor})
	if err == nil && !changed {
		return ErrNotFound
	}
	return err
}

// Closure reads why an operator closed the shop; nil while it is open.
func (s *Shop) Closure(ctx context.Context) (*Closure, error) {
	bars, err := s.o.Store.Bars(ctx)
	if err != nil || bars[byOperator] == "" {
		return nil, err
	}
	var c Closure
	if err := json.Unmarshal([]byte(bars[byOperator]), &c); err != nil {
		return nil, fmt.Errorf("read closure: %w", err)
	}
	return &c, nil
}

// closed is nil while the shop is open, and *ClosedError while an operator has closed it.
func (s *Shop) closed(ctx context.Context) error {
	c, err := s.Closure(ctx)
	if err != nil || c == nil {
		return err
	}
	return &ClosedError{Closure: *c}
}

// plain tells whether a text is one line without control or formatting characters.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
	})
}

// EndClosure opens the shop when the time has come for which it was closed. It is called by a tick.
func (s *Shop) EndClosure(ctx context.Context) error {
	c, err := s.Closure(ctx)
	if err != nil || c == nil || c.Until.IsZero() {
		return err
	}
	now, err := s.o.Store.Now(ctx)
	if err != nil || now.Before(c.Until) {
		return err
	}
	if err := s.endClosure(ctx, system); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}
