package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ApprovalState is how far the approval of a dangerous act has come.
type ApprovalState string

// The states. Open and waiting end by a tap or by time; given ends when the act was carried out or cannot be.
const (
	ApprovalOpen     ApprovalState = "open"    // waits for somebody else's tap, until its end
	ApprovalWaiting  ApprovalState = "waiting" // who asked is alone: it is carried out at its end
	ApprovalGiven    ApprovalState = "given"   // is to be carried out
	ApprovalDone     ApprovalState = "done"
	ApprovalFailed   ApprovalState = "failed"   // was given, and could not be carried out
	ApprovalCanceled ApprovalState = "canceled" // by who asked, by the other, or because a right ended
	ApprovalExpired  ApprovalState = "expired"
)

// Ended tells whether nothing more happens.
func (s ApprovalState) Ended() bool {
	return s != ApprovalOpen && s != ApprovalWaiting && s != ApprovalGiven
}

// DueApproval are approvals with news for those concerned.
const DueApproval DueKind = "approval"

// approvalKept is how long an approval can be read after its end.
const approvalKept = 30 * 24 * time.Hour

// What keeps an approval from a step; nothing was written.
var (
	// ErrLate is a tap after the end.
	ErrLate = errors.New("the time is over")
	// ErrEarly is a step that has to wait for the end.
	ErrEarly = errors.New("the time is not over")
)

// Approval is a dangerous act that waits to be approved.
type Approval struct {
	ID     string
	State  ApprovalState
	By     int64  // who asked
	Second int64  // who tapped; 0 for nobody
	Order  string // that it is about; empty for none
	Body   []byte // the act, as its caller writes it
	Why    string // it failed, or ended; of a closed set
	Opened time.Time
	Till   time.Time
	Told   map[int64]ApprovalState // what each person concerned was told
	Posts  map[int64]int           // and in which message
}

// ApprovalStep is one step of an approval. From empty opens it, with By, Order, Body and Life.
type ApprovalStep struct {
	From   []ApprovalState
	To     ApprovalState
	Window string // "<" only before its end, ">" only after it, empty whenever
	Second int64
	Why    string
	Life   time.Duration
	By     int64
	Order  string
	Body   []byte
	Event  Event
}

// StepApproval takes a step once. It returns ErrEdge where it stands otherwise, ErrLate, ErrEarly and ErrNotFound.
func (s *Store) StepApproval(ctx context.Context, id string, st ApprovalStep) error {
	from := make([]string, len(st.From))
	for i, f := range st.From {
		from[i] = string(f)
	}
	life, kept := "", ""
	var fields []any
	if len(from) == 0 {
		life = strconv.FormatInt(st.Life.Milliseconds(), 10)
		fields = append(fields, "by", st.By, "o", st.Order, "b", st.Body)
	}
	if st.To.Ended() {
		kept = strconv.FormatInt(approvalKept.Milliseconds(), 10)
	}
	if st.Second != 0 {
		fields = append(fields, "two", st.Second)
	}
	if st.Why != "" {
		fields = append(fields, "why", st.Why)
	}
	k, e := s.keys, st.Event
	word, _, err := s.word(ctx, "approval", []string{k.approval(id), k.approvals(), k.due(DueApproval), k.leases(DueApproval), k.events(), k.seq(),
		k.orderEvents(e.Order), k.personEvents(e.Person)},
		append([]any{id, strings.Join(from, ","), string(st.To), st.Window, life, kept, e.pack()}, fields...)...)
	switch {
	case err != nil:
		return err
	case word == "ok":
		return nil
	case word == "late":
		return ErrLate
	case word == "early":
		return ErrEarly
	}
	return refusal(word)
}

// Approval reads one. It returns ErrNotFound.
func (s *Store) Approval(ctx context.Context, id string) (Approval, error) {
	f, err := s.rdb.HGetAll(ctx, s.keys.approval(id)).Result()
	if err != nil {
		return Approval{}, fmt.Errorf("read approval: %w", err)
	}
	if f["st"] == "" {
		return Approval{}, ErrNotFound
	}
	a := Approval{ID: id, State: ApprovalState(f["st"]), By: number(f["by"]), Second: number(f["two"]), Order: f["o"], Body: []byte(f["b"]),
		Why: f["why"], Opened: moment(f["at"]), Till: moment(f["till"]), Told: map[int64]ApprovalState{}, Posts: map[int64]int{}}
	for name, value := range f {
		if user, ok := strings.CutPrefix(name, "told."); ok {
			a.Told[number(user)] = ApprovalState(value)
		}
		if user, ok := strings.CutPrefix(name, "m."); ok {
			a.Posts[number(user)] = int(number(value))
		}
	}
	return a, nil
}

// Approvals lists those that have not ended, the first to end first.
func (s *Store) Approvals(ctx context.Context, most int) ([]string, error) {
	ids, err := s.rdb.ZRange(ctx, s.keys.approvals(), 0, int64(most-1)).Result()
	if err != nil {
		return nil, fmt.Errorf("list approvals: %w", err)
	}
	return ids, nil
}

// SetApprovalTold remembers what a person concerned was told, and in which message; 0 for none.
func (s *Store) SetApprovalTold(ctx context.Context, id string, user int64, state ApprovalState, message int) error {
	name := strconv.FormatInt(user, 10)
	fields := []any{"told." + name, string(state)}
	if message != 0 {
		fields = append(fields, "m."+name, message)
	}
	if err := s.rdb.HSet(ctx, s.keys.approval(id), fields...).Err(); err != nil {
		return fmt.Errorf("remember approval's message: %w", err)
	}
	return nil
}
