package checkout

import (
	"context"
	"sync"
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

// reopenParts reads what other suppliers ask for lines that are one with those of a family, all at the same time. Who does not answer is
// shown as it was read last.
func (s *Shop) reopenParts(ctx context.Context, provider string, sh shelf) {
	said, old := s.arranged.Load(), map[string]shelf{}
	suppliers := map[string]string{}
	s.window.mu.RLock()
	for _, line := range sh.Lines {
		for _, code := range said.group(s.window.codes[ref(provider, sh.Product.Family, line.SKU)]) {
			name, part, _, ok := s.shelved(code)
			if key := name + "|" + part.Product.Family; ok && name != provider && s.o.Now().Sub(part.ReadAt) >= openAge {
				old[key], suppliers[key] = part, name
			}
		}
	}
	s.window.mu.RUnlock()
	var wg sync.WaitGroup
	for key, part := range old {
		wg.Go(func() {
			if _, err := s.reopen(ctx, suppliers[key], part); err != nil {
				s.o.Logger.DebugContext(ctx, "a part of a line could not be read", "supplier", suppliers[key], "err", err)
			}
		})
	}
	wg.Wait()
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
