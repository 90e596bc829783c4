package store

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// failAt fails at the named point.
func failAt(at *string, err error) func(context.Context, string) error {
	return func(_ context.Context, name string) error {
		if name == *at {
			return err
		}
		return nil
	}
}

func TestCodesAreGivenOnce(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		give := func(ref, want string, candidates ...string) {
			t.Helper()
			code, err := s.Code(s.ctx, ref, candidates)
			s.ok(err)
			if code != want {
				t.Errorf("%s got %q, want %q", ref, code, want)
			}
		}
		give("giftz/a", "ab", "ab", "cd")
		give("giftz/b", "cd", "ab", "cd")
		give("giftz/a", "ab", "xx") // for ever
		_, err := s.Code(s.ctx, "giftz/c", []string{"ab", "cd"})
		s.is(err, ErrConflict)
		_, err = s.Code(s.ctx, "giftz/c", nil)
		s.is(err, ErrConflict)
		codes, err := s.Codes(s.ctx)
		s.ok(err)
		if diff := cmp.Diff(map[string]string{"giftz/a": "ab", "giftz/b": "cd"}, codes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCodesInParallelNeverMeet(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		var mu sync.Mutex
		owner := map[string]int{}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				var candidates []string
				for c := range 20 {
					candidates = append(candidates, string(rune('a'+c)))
				}
				code, err := s.Code(s.ctx, string(rune('A'+i)), candidates)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				owner[code]++
			})
		}
		wg.Wait()
		if len(owner) != 20 {
			t.Errorf("20 references share %d codes", len(owner))
		}
	})
}

func TestCatalogKeepsFamilies(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		save := func(families map[string][]byte) {
			t.Helper()
			s.ok(s.SaveFamilies(s.ctx, "giftz", families))
		}
		save(map[string][]byte{"a": []byte("[1]"), "b": []byte("[2]"), "c": []byte("[3]")})
		save(map[string][]byte{"a": []byte("[9]")})
		save(nil)
		s.ok(s.DropFamilies(s.ctx, "giftz", []string{"b", "none"}))
		s.ok(s.DropFamilies(s.ctx, "giftz", nil))
		got, err := s.Catalog(s.ctx, "giftz")
		s.ok(err)
		if diff := cmp.Diff(map[string]string{"a": "[9]", "c": "[3]"}, got); diff != "" {
			t.Error(diff)
		}
		if got, err = s.Catalog(s.ctx, "other"); err != nil || len(got) != 0 {
			t.Errorf("another supplier's: %v, %v", got, err)
		}
	})
}

func TestKeyringNeverChangesAKey(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		first := []byte{0, 1, 0xff}
		for _, wrapped := range [][]byte{first, []byte("another process came later")} {
			got, err := s.AddKey(s.ctx, "k1", wrapped)
			s.ok(err)
			if diff := cmp.Diff(first, got); diff != "" {
				t.Error(diff)
			}
		}
		ring, err := s.Keyring(s.ctx)
		s.ok(err)
		if diff := cmp.Diff(map[string]string{"k1": string(first)}, ring); diff != "" {
			t.Error(diff)
		}
		for _, want := range []int64{3, 8} {
			n, err := s.CountSeals(s.ctx, "k1", want-want/8*3)
			s.ok(err)
			if n != want {
				t.Errorf("%d seals, want %d", n, want)
			}
		}
	})
}
