package store

import (
	"context"
	"fmt"
)

// arrangedAt is the field that counts the changes of products.
const arrangedAt = "#"

// Arrangement is what the shop says of its products beside what their suppliers say.
type Arrangement struct {
	Number int64             // of the last change; 0 before the first
	Fields map[string]string // the caller's names and values
}

// Arrangement reads all that is said of products.
func (s *Store) Arrangement(ctx context.Context) (Arrangement, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.products()).Result()
	if err != nil {
		return Arrangement{}, fmt.Errorf("read products: %w", err)
	}
	a := Arrangement{Number: number(m[arrangedAt]), Fields: m}
	delete(m, arrangedAt)
	return a, nil
}

// Arranged reads the number of the last change of products; 0 before the first.
func (s *Store) Arranged(ctx context.Context) (int64, error) {
	text, err := s.rdb.HGet(ctx, s.keys.products(), arrangedAt).Result()
	if err != nil && !absent(err) {
		return 0, fmt.Errorf("read number of products' changes: %w", err)
	}
	return number(text), nil
}

// Arrange changes fields of what is said of products, all at once, with one event; an empty value takes a field away. It returns false
// when all stood so already. With after, the number of the change that the caller has read, it returns ErrStale when another one came
// since; a negative one is any.
func (s *Store) Arrange(ctx context.Context, after int64, fields map[string]string, e Event) (bool, error) {
	k, read := s.keys, ""
	if after >= 0 {
		read = fmt.Sprint(after)
	}
	args := []any{e.pack(), read}
	for field, value := range fields {
		args = append(args, field, value)
	}
	word, _, err := s.word(ctx, "arrange", []string{k.products(), k.events(), k.seq(), k.orderEvents(e.Order), k.personEvents(e.Person)}, args...)
	if err != nil {
		return false, err
	}
	if word == "ok" || word == "same" {
		return word == "ok", nil
	}
	return false, refusal(word)
}
