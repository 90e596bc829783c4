package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The ledger's accounts besides the wallets.
const (
	Hold     = "hold"     // agreed, not yet paid for
	Sales    = "sales"    // what buyers paid, less what suppliers charged
	External = "external" // the world outside: money comes from it and goes to it
)

// CustomerAccount is a customer's wallet in the ledger.
func CustomerAccount(user int64) string { return fmt.Sprintf("cust:%d", user) }

// SupplierAccount is what a supplier charged, in the shop's currency.
func SupplierAccount(name string) string { return "supplier:" + name }

// Entry is one immutable transfer of the ledger.
type Entry struct {
	ID     string // ours, such as <order>:hold
	From   string
	To     string
	Amount int64 // minor units, positive
	Note   string
	At     time.Time
}

// Transfer is money to be moved once.
type Transfer struct {
	ID     string
	From   string
	To     string
	Amount int64
	Note   string // no separators: it is cut at 200 bytes and | becomes /
	Floor  *int64 // lowest balance From may have afterwards; nil for no floor
	Event  Event
}

// Moved is the outcome of a Transfer.
type Moved struct {
	Fresh bool  // false: the same transfer was there already
	From  int64 // balances afterwards
	To    int64
}

// Move books a transfer once. It returns *ShortError, or ErrConflict when the id was used with other content. An amount that is
// not positive is an error: it would pass every floor.
func (s *Store) Move(ctx context.Context, t Transfer) (Moved, error) {
	if t.ID == "" || t.Amount <= 0 || t.Amount > largest {
		return Moved{}, errors.New("move money: no id, or an amount out of range")
	}
	floor := ""
	if t.Floor != nil {
		floor = fmt.Sprint(*t.Floor)
	}
	k := s.keys
	word, rest, err := s.word(ctx, "transfer",
		[]string{k.wallets(), k.ledger(), k.statement(t.From), k.statement(t.To), k.events(), k.seq(),
			k.orderEvents(t.Event.Order), k.personEvents(t.Event.Person)},
		t.ID, t.From, t.To, t.Amount, note(t.Note), floor, t.Event.pack(), hasStatement(t.From), hasStatement(t.To))
	if err != nil {
		return Moved{}, err
	}
	switch word {
	case "moved", "exists":
		return Moved{Fresh: word == "moved", From: number(rest[0]), To: number(rest[1])}, nil
	case "short":
		return Moved{}, &ShortError{Balance: number(rest[0])}
	default:
		return Moved{}, refusal(word)
	}
}

// Balance reads an account's balance in minor units; an account without entries has 0.
func (s *Store) Balance(ctx context.Context, account string) (int64, error) {
	values, err := s.rdb.HMGet(ctx, s.keys.wallets(), account).Result()
	if err != nil {
		return 0, fmt.Errorf("read balance: %w", err)
	}
	text, _ := values[0].(string)
	return number(text), nil
}

// Balances reads every account; it is for checks, not for a hot path.
func (s *Store) Balances(ctx context.Context) (map[string]int64, error) {
	all, err := s.rdb.HGetAll(ctx, s.keys.wallets()).Result()
	if err != nil {
		return nil, fmt.Errorf("read balances: %w", err)
	}
	balances := make(map[string]int64, len(all))
	for account, text := range all {
		balances[account] = number(text)
	}
	return balances, nil
}

// Statement reads the last n entries of a wallet, newest first.
func (s *Store) Statement(ctx context.Context, account string, n int) ([]Entry, error) {
	ids, err := s.rdb.LRange(ctx, s.keys.statement(account), int64(-n), -1).Result()
	if err != nil {
		return nil, fmt.Errorf("read statement: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	lines, err := s.rdb.HMGet(ctx, s.keys.ledger(), ids...).Result()
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	entries := make([]Entry, 0, len(ids))
	for i, id := range slices.Backward(ids) {
		if text, ok := lines[i].(string); ok {
			entries = append(entries, parseEntry(id, text))
		}
	}
	return entries, nil
}

// StatementSince reads a wallet's entries from a time on, newest first, and the balance after the newest of them. Entries that come
// while it reads are left out.
func (s *Store) StatementSince(ctx context.Context, account string, from time.Time) ([]Entry, int64, error) {
	const batch = 500
	p := s.rdb.TxPipeline()
	have, all := p.HMGet(ctx, s.keys.wallets(), account), p.LLen(ctx, s.keys.statement(account))
	if _, err := p.Exec(ctx); err != nil {
		return nil, 0, fmt.Errorf("read statement: %w", err)
	}
	text, _ := have.Val()[0].(string)
	var list []Entry
	for end := all.Val(); end > 0; end -= batch {
		ids, err := s.rdb.LRange(ctx, s.keys.statement(account), max(0, end-batch), end-1).Result()
		if err != nil {
			return nil, 0, fmt.Errorf("read statement: %w", err)
		}
		lines, err := s.rdb.HMGet(ctx, s.keys.ledger(), ids...).Result()
		if err != nil {
			return nil, 0, fmt.Errorf("read ledger: %w", err)
		}
		for i, id := range slices.Backward(ids) {
			line, _ := lines[i].(string)
			e := parseEntry(id, line)
			if e.At.Before(from) {
				return list, number(text), nil
			}
			list = append(list, e)
		}
	}
	return list, number(text), nil
}

// Ledger walks every entry in no order; it is for replays, not for a hot path.
func (s *Store) Ledger(ctx context.Context, each func(Entry) error) error {
	walk := s.rdb.HScan(ctx, s.keys.ledger(), 0, "", 500).Iterator()
	for walk.Next(ctx) {
		id := walk.Val()
		if !walk.Next(ctx) {
			break
		}
		if err := each(parseEntry(id, walk.Val())); err != nil {
			return err
		}
	}
	if err := walk.Err(); err != nil {
		return fmt.Errorf("walk ledger: %w", err)
	}
	return nil
}

func parseEntry(id, line string) Entry {
	part := strings.SplitN(line, "|", 5)
	for len(part) < 5 {
		part = append(part, "")
	}
	return Entry{ID: id, At: moment(part[0]), From: part[1], To: part[2], Amount: number(part[3]), Note: part[4]}
}

// hasStatement tells the script which accounts have a statement: the wallets.
func hasStatement(account string) string {
	if strings.HasPrefix(account, "cust:") || strings.HasPrefix(account, "group:") {
		return "1"
	}
	return "0"
}

// note keeps a note on one short line of the ledger.
func note(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == '|' {
			return '/'
		}
		return r
	}, text)
	for len(text) > 200 {
		text = text[:len(text)-1]
	}
	return strings.ToValidUTF8(text, "")
}
