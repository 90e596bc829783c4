package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"cardrop/providers"
)

// How often the catalog is read again in the background.
const (
	catalogAge   = 10 * time.Minute // of a supplier's list
	familyAge    = 6 * time.Hour    // of a family nobody opened
	catalogLimit = 30 * time.Second // for one list
	catalogLease = 45 * time.Second // outlives the lists and is renewed before each family; a crash holds up others no longer
)

// RefreshCatalog reads lists that have grown old and opens families that nobody opened for long, at most one each OpenEvery. One
// process does it at a time; it returns soon when another does. Errors of one supplier do not stop the others.
func (s *Shop) RefreshCatalog(ctx context.Context) error {
	if !s.refreshing.TryLock() { // the lease is this process's: two refreshes of ours would both hold it
		return nil
	}
	defer s.refreshing.Unlock()
	held, err := s.o.Store.TakeLease(ctx, "catalog", catalogLease)
	if err != nil || !held {
		return err
	}
	defer func() { // another process, or this one after a restart, need not wait for the lease's end
		if err := s.o.Store.DropLease(context.WithoutCancel(ctx), "catalog"); err != nil {
			s.o.Logger.WarnContext(ctx, "catalog lease was not given back", "err", err)
		}
	}()
	if err := s.view(ctx); err != nil {
		return err
	}
	var lists sync.WaitGroup
	for _, p := range s.o.Suppliers {
		if s.o.Now().Sub(s.listed(p.Name())) < catalogAge {
			continue
		}
		lists.Go(func() {
			limited, cancel := context.WithTimeout(ctx, catalogLimit)
			defer cancel()
			s.safely(limited, "catalog of "+p.Name(), func() error { return s.refresh(limited, p) })
		})
	}
	lists.Wait()
	for _, p := range s.o.Suppliers {
		if o, ok := p.(providers.Opener); ok {
			if err := s.openOld(ctx, p, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// listed is when a supplier's list was read last.
func (s *Shop) listed(provider string) time.Time {
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	var last time.Time
	for _, sh := range s.window.shelves[provider] {
		if sh.Seen.After(last) {
			last = sh.Seen
		}
	}
	return last
}

// Unlisted names the suppliers whose catalog was never read.
func (s *Shop) Unlisted(ctx context.Context) ([]string, error) {
	if err := s.view(ctx); err != nil {
		return nil, err
	}
	var names []string
	for _, p := range s.o.Suppliers {
		if s.listed(p.Name()).IsZero() {
			names = append(names, p.Name())
		}
	}
	return names, nil
}

// refresh reads a supplier's list, keeps its families, and forgets those it no longer names.
func (s *Shop) refresh(ctx context.Context, p providers.Provider) error {
	products, err := timed(ctx, s, p.Name(), CallCatalog, p.Catalog)
	if err != nil {
		return err
	}
	now, families := s.o.Now(), map[string]shelf{}
	for _, line := range products {
		sh := families[line.Family]
		sh.Seen = now
		if sh.Product.Family == "" {
			head := line
			head.SKU, head.Name, head.Face, head.Cost, head.Stock = "", "", providers.Money{}, providers.Money{}, 0
			sh.Product = head
		}
		if line.SKU != "" {
			sh.Lines, sh.ReadAt = append(sh.Lines, line), now
		}
		families[line.Family] = sh
	}
	var gone []string
	s.window.mu.RLock()
	for family, old := range s.window.shelves[p.Name()] {
		fresh, ok := families[family]
		if !ok {
			gone = append(gone, family)
		} else if len(fresh.Lines) == 0 {
			fresh.Lines, fresh.ReadAt = old.Lines, old.ReadAt
			families[family] = fresh
		}
	}
	s.window.mu.RUnlock()
	if err := s.keep(ctx, p.Name(), slices.Collect(maps.Values(families))...); err != nil {
		return err
	}
	if len(families) == 0 {
		return nil // an empty list is more likely a fault than a supplier that sells nothing: keep what is known
	}
	if err := s.o.Store.DropFamilies(ctx, p.Name(), gone); err != nil {
		return err
	}
	s.window.mu.Lock()
	defer s.window.mu.Unlock()
	for _, family := range gone {
		delete(s.window.shelves[p.Name()], family)
	}
	return nil
}

// openOld opens families whose lines are old or unknown, oldest first, at the pace of OpenEvery.
func (s *Shop) openOld(ctx context.Context, p providers.Provider, o providers.Opener) error {
	s.window.mu.RLock()
	var old []shelf
	for _, sh := range s.window.shelves[p.Name()] {
		if !sh.Product.Disabled && s.o.Now().Sub(sh.ReadAt) >= familyAge {
			old = append(old, sh)
		}
	}
	s.window.mu.RUnlock()
	sort.Slice(old, func(i, j int) bool { return old[i].ReadAt.Before(old[j].ReadAt) })
	pace := time.NewTicker(s.o.OpenEvery)
	defer pace.Stop()
	for i, sh := range old {
		if i > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-pace.C:
			}
		}
		if held, err := s.o.Store.TakeLease(ctx, "catalog", catalogLease); err != nil || !held {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, askLimit)
		if _, err := s.openFamily(limited, p, o, sh); err != nil {
			s.o.Logger.WarnContext(ctx, "family was not opened", "supplier", p.Name(), "err", err)
		}
		cancel()
	}
	return nil
}

// keep stores shelves, gives codes to what has none, and updates this process's copy.
func (s *Shop) keep(ctx context.Context, provider string, shelves ...shelf) error {
	texts := make(map[string][]byte, len(shelves))
	for _, sh := range shelves {
		text, err := json.Marshal(sh)
		if err != nil {
			return fmt.Errorf("keep family: %w", err)
		}
		texts[sh.Product.Family] = text
	}
	if err := s.giveCodes(ctx, provider, shelves); err != nil {
		return err
	}
	if err := s.o.Store.SaveFamilies(ctx, provider, texts); err != nil {
		return err
	}
	s.window.mu.Lock()
	defer s.window.mu.Unlock()
	if s.window.shelves[provider] == nil {
		s.window.shelves[provider] = map[string]shelf{}
	}
	for _, sh := range shelves {
		s.window.shelves[provider][sh.Product.Family] = sh
	}
	return nil
}

// giveCodes registers what has no short code yet, several at a time.
func (s *Shop) giveCodes(ctx context.Context, provider string, shelves []shelf) error {
	names := map[string]string{}
	for _, sh := range shelves {
		names[ref(provider, sh.Product.Family, "")] = sh.Product.Title
		for _, line := range sh.Lines {
			name := line.Name
			if name == "" {
				name = sh.Product.Title
			}
			names[ref(provider, sh.Product.Family, line.SKU)] = name
		}
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(32)
	for r, name := range names {
		if s.code(r) != "" {
			continue
		}
		work.Go(func() error {
			return s.caught(ctx, "code of "+r, func() error {
				code, err := s.o.Store.Code(ctx, r, candidates(r, name))
				if err != nil {
					return err
				}
				s.window.mu.Lock()
				defer s.window.mu.Unlock()
				s.window.codes[r], s.window.refs[code] = code, r
				return nil
			})
		})
	}
	return work.Wait()
}

// candidates are short codes for a product, best first: letters of its name, then a digest of what it is.
func candidates(ref, name string) []string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	var head strings.Builder
	for _, r := range strings.ToUpper(name) {
		if (r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') && head.Len() < 8 {
			head.WriteRune(r)
		}
	}
	sum := sha256.Sum256([]byte(ref))
	tail := make([]byte, 7)
	for i := range tail {
		tail[i] = letters[sum[i]&31]
	}
	prefix := head.String()
	if prefix != "" {
		prefix += "-"
	}
	var out []string
	for n := 3; n <= len(tail); n++ {
		out = append(out, prefix+string(tail[:n]))
	}
	return out
}

func splitRef(r string) (provider, family, sku string, ok bool) {
	parts := strings.SplitN(r, "|", 3)
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}
