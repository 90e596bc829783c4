package checkout

import (
	"context"
	"time"

	"cardrop/providers"
)

// silentAge is how long a supplier that did not answer about a family is left alone.
const silentAge = 15 * time.Second

// reopen reads a family's lines from its supplier; callers who ask at the same time share one request.
func (s *Shop) reopen(ctx context.Context, provider string, sh shelf) (shelf, error) {
	key := "open|" + provider + "|" + sh.Product.Family
	if s.window.silent(key, s.o.Now()) {
		return shelf{}, ErrUnavailable
	}
	asked := s.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askLimit)
		defer cancel()
		p := s.suppliers[provider]
		if o, ok := p.(providers.Opener); ok {
			return s.openFamily(ctx, p, o, sh)
		}
		if err := s.refresh(ctx, p); err != nil {
			return shelf{}, err
		}
		s.window.mu.RLock()
		defer s.window.mu.RUnlock()
		return s.window.shelves[provider][sh.Product.Family], nil
	})
	select {
	case <-ctx.Done():
		return shelf{}, unavailable(ctx.Err())
	case r := <-asked:
		if r.Err != nil {
			s.window.hush(key, s.o.Now())
			return shelf{}, unavailable(r.Err)
		}
		return r.Val.(shelf), nil //nolint:forcetypeassert // the function above returns nothing else
	}
}

// silent tells whether a supplier did not answer about a family a moment ago: nobody waits for it again right away.
func (w *window) silent(key string, now time.Time) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return now.Before(w.hushed[key])
}

// hush remembers that a supplier did not answer about a family.
func (w *window) hush(key string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hushed[key] = now.Add(silentAge)
}

// openFamily reads one family of an Opener and keeps it.
func (s *Shop) openFamily(ctx context.Context, p providers.Provider, o providers.Opener, sh shelf) (shelf, error) {
	lines, err := timed(ctx, s, p.Name(), CallOpen, func(ctx context.Context) ([]providers.Product, error) {
		return o.Open(ctx, sh.Product.Family)
	})
	if err != nil {
		return shelf{}, err
	}
	sh.Lines, sh.ReadAt = lines, s.o.Now()
	return sh, s.keep(ctx, p.Name(), sh)
}
