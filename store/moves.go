package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MoveState is how far the move of an account has come.
type MoveState string

// The states. Asked leads to waiting by a proof, waiting to moving by time; the others are ends.
const (
	MoveAsked   MoveState = "asked"   // the new account has to name a receipt of the old one
	MoveWaiting MoveState = "waiting" // the old account may object
	MoveMoving  MoveState = "moving"  // it is carried out, step by step
	MoveDone    MoveState = "done"
	MoveStopped MoveState = "stopped" // the old account objected, or an admin thought better of it
	MoveFailed  MoveState = "failed"  // no receipt was named within the tries allowed
	MoveExpired MoveState = "expired" // or in time
)

// Ended tells whether nothing more happens.
func (s MoveState) Ended() bool { return s != MoveAsked && s != MoveWaiting && s != MoveMoving }

// moveKept is how long a move can be read after its end.
const moveKept = 90 * 24 * time.Hour

// What keeps a move from going on; nothing was written.
var (
	// ErrBusy is an account of which another move is under way.
	ErrBusy = errors.New("another move of the account is under way")
	// ErrLast is a try that was the last one: the move has ended.
	ErrLast = errors.New("no try is left")
	// ErrUnsettled is something of the account that has not come to its end: an order, a report, a request to fill the wallet.
	ErrUnsettled = errors.New("something of the account is still open")
	// ErrChanged is an order whose sealed entries are others than were read.
	ErrChanged = errors.New("order changed meanwhile")
	// ErrOwes is a wallet below zero.
	ErrOwes = errors.New("wallet owes")
)

// Move is an account that goes over to another one of the same person.
type Move struct {
	ID       string
	From, To int64 // Telegram user ids
	By       int64 // the admin who asked
	State    MoveState
	Tries    int
	Note     string // what it waits for; empty for nothing
	Amount   int64  // what went over, minor units
	Stopper  int64  // who stopped it

	Began, Till, Ended time.Time
	Told               map[string]MoveState // by role: what they were told last
	Posts              map[string]int       // by role: the message that told it
}

// MoveStep is one step of a move. From empty begins it.
type MoveStep struct {
	From   []MoveState
	To     MoveState
	Clock  time.Duration // until the clock looks at it; 0 leaves that
	Freeze *bool         // the old wallet's money stays where it is, or is free again; nil leaves that
	Tries  int           // how many are allowed, when this is one of them; else 0
	Member string
	Fields map[string]string
	Event  Event
}

// StepMove takes a step once. It returns ErrEdge where it stands otherwise, ErrNotFound, ErrBusy and ErrLast.
func (s *Store) StepMove(ctx context.Context, m Move, st MoveStep) error {
	from := make([]string, len(st.From))
	for i, f := range st.From {
		from[i] = string(f)
	}
	clock, freeze, tries, kept := "", "", "", ""
	if st.Clock != 0 {
		clock = strconv.FormatInt(st.Clock.Milliseconds(), 10)
	}
	if st.Freeze != nil {
		freeze = flag(*st.Freeze)
	}
	if st.Tries != 0 {
		tries = strconv.Itoa(st.Tries)
	}
	if st.To.Ended() {
		kept = strconv.FormatInt(moveKept.Milliseconds(), 10)
	}
	args := []any{m.ID, strings.Join(from, ","), string(st.To), clock, freeze, tries, kept, st.Member, st.Event.pack()}
	if len(from) == 0 {
		args = append(args, "from", m.From, "to", m.To, "by", m.By)
	}
	for name, value := range st.Fields {
		args = append(args, name, value)
	}
	k, e := s.keys, st.Event
	word, _, err := s.word(ctx, "step_move", []string{k.move(m.ID), k.terms(CustomerAccount(m.From)), k.moves(), k.due(DueNews), k.leases(DueNews),
		k.due(DueTimes), k.leases(DueTimes), k.events(), k.seq(), k.orderEvents(e.Order), k.personEvents(e.Person)}, args...)
	switch {
	case err != nil:
		return err
	case word == "ok":
		return nil
	case word == "busy":
		return ErrBusy
	case word == "last":
		return ErrLast
	}
	return refusal(word)
}

// MoveByID reads one. It returns ErrNotFound.
func (s *Store) MoveByID(ctx context.Context, id string) (Move, error) {
	f, err := s.rdb.HGetAll(ctx, s.keys.move(id)).Result()
	if err != nil {
		return Move{}, fmt.Errorf("read move: %w", err)
	}
	if f["st"] == "" {
		return Move{}, ErrNotFound
	}
	m := Move{ID: id, From: number(f["from"]), To: number(f["to"]), By: number(f["by"]), State: MoveState(f["st"]), Tries: int(number(f["tries"])),
		Note: f["note"], Amount: number(f["amount"]), Stopper: number(f["stopper"]), Began: moment(f["at"]), Till: moment(f["till"]), Ended: moment(f["ended"]),
		Told: map[string]MoveState{}, Posts: map[string]int{}}
	for name, value := range f {
		if role, ok := strings.CutPrefix(name, "told."); ok {
			m.Told[role] = MoveState(value)
		}
		if role, ok := strings.CutPrefix(name, "m."); ok {
			m.Posts[role] = int(number(value))
		}
	}
	return m, nil
}

// OpenMoves reads the moves that have not ended, oldest first, at most as many.
func (s *Store) OpenMoves(ctx context.Context, most int) ([]Move, error) {
	ids, err := s.rdb.ZRange(ctx, s.keys.moves(), 0, int64(most-1)).Result()
	if err != nil {
		return nil, fmt.Errorf("list moves: %w", err)
	}
	var list []Move
	for _, id := range ids {
		m, err := s.MoveByID(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// MovesOf reads which move of an account is under way, and which one has taken its things away; empty for none.
func (s *Store) MovesOf(ctx context.Context, user int64) (moving, moved string, err error) {
	values, err := s.rdb.HMGet(ctx, s.keys.terms(CustomerAccount(user)), "moving", "moved").Result()
	if err != nil {
		return "", "", fmt.Errorf("read moves: %w", err)
	}
	moving, _ = values[0].(string)
	moved, _ = values[1].(string)
	return moving, moved, nil
}

// SetMoveTold remembers what somebody concerned was told, and in which message; 0 for none.
func (s *Store) SetMoveTold(ctx context.Context, id, role string, state MoveState, message int) error {
	if err := s.rdb.HSet(ctx, s.keys.move(id), "told."+role, string(state), "m."+role, message).Err(); err != nil {
		return fmt.Errorf("remember move's message: %w", err)
	}
	return nil
}

// SetMoveNote remembers what a move waits for.
func (s *Store) SetMoveNote(ctx context.Context, id, note string) error {
	if err := s.rdb.HSet(ctx, s.keys.move(id), "note", note).Err(); err != nil {
		return fmt.Errorf("remember move's note: %w", err)
	}
	return nil
}

// MoveOrder gives one order of a move that is carried out to the new account, with its entries sealed for it. It returns ErrNotFound, ErrEdge,
// ErrOnScreen, ErrUnsettled, and ErrChanged when other entries lie in its vault.
func (s *Store) MoveOrder(ctx context.Context, m Move, order string, swaps []Swap, e Event) error {
	k, from, to := s.keys, CustomerAccount(m.From), CustomerAccount(m.To)
	args := []any{order, m.From, m.To, from, to, e.pack()}
	for _, w := range swaps {
		args = append(args, w.Index, w.Old, w.New)
	}
	word, _, err := s.word(ctx, "move_order", []string{k.order(order), k.vault(order), k.buyerOrders(m.From), k.buyerOrders(m.To),
		k.accountOrders(from), k.accountOrders(to), k.ticketCards(order), k.move(m.ID), k.events(), k.seq(), k.orderEvents(order), k.personEvents(e.Person)}, args...)
	switch {
	case err != nil:
		return err
	case word == "moved" || word == "same":
		return nil
	case word == "open" || word == "ticket":
		return ErrUnsettled
	case word == "on_screen":
		return ErrOnScreen
	case word == "changed":
		return ErrChanged
	}
	return refusal(word)
}

// EndMove takes the last step of a move whose orders have all gone. daily names a wallet's daily note. It returns what went over, ErrNotFound,
// ErrEdge, ErrChanged while orders are left, ErrUnsettled while requests to fill the wallet are open, and ErrOwes.
func (s *Store) EndMove(ctx context.Context, m Move, member string, daily func(account string) string, e Event) (int64, error) {
	k, from, to := s.keys, CustomerAccount(m.From), CustomerAccount(m.To)
	word, rest, err := s.word(ctx, "end_move", []string{k.move(m.ID), k.buyerOrders(m.From), k.topupsOpen(m.From), k.wallets(), k.ledger(),
		k.statement(from), k.statement(to), k.stars(m.From), k.stars(m.To), k.watched(from), k.watched(to), k.told(from), k.told(to), k.terms(from),
		k.moves(), k.due(DueNews), k.leases(DueNews), k.due(DueTimes), k.leases(DueTimes), k.events(), k.seq(), k.orderEvents(e.Order),
		k.personEvents(e.Person)}, m.ID, from, to, member, daily(from), daily(to), moveKept.Milliseconds(), e.pack())
	switch {
	case err != nil:
		return 0, err
	case word == "moved":
		return number(rest[0]), nil
	case word == "same":
		return 0, nil
	case word == "orders":
		return 0, ErrChanged
	case word == "topups":
		return 0, ErrUnsettled
	case word == "owes":
		return 0, ErrOwes
	}
	return 0, refusal(word)
}
