package checkout

import (
	"context"
	"errors"
	"slices"
	"strings"

	"cardrop/providers"
)

// TraitJoined is the short code of the line that a line is a part of: customers meet that one only, and what they order of it is bought
// from the cheapest that has it.
const TraitJoined Trait = "joined"

// ErrJoin is two lines that cannot be one: one of them is a family or a part already, both are of one supplier, or they are told to be
// worth different amounts or to need different line numbers.
var ErrJoin = errors.New("these lines cannot be one")

// main is the line that a line is joined to; its own code for one that stands for itself.
func (a *arrangement) main(code string) string {
	if a == nil {
		return code
	}
	if main := a.fields[traitField(code, TraitJoined, "")]; main != "" {
		return main
	}
	return code
}

// parts are the lines that are joined to one, in the order of their codes.
func (a *arrangement) parts(main string) []string {
	if a == nil {
		return nil
	}
	var parts []string
	for field, into := range a.fields {
		if code, ok := strings.CutSuffix(field, "|"+string(TraitJoined)+"|"); ok && into == main {
			parts = append(parts, code)
		}
	}
	slices.Sort(parts)
	return parts
}

// group are all lines that are one with this one, the one that customers meet by rights first.
func (a *arrangement) group(code string) []string {
	main := a.main(code)
	return append([]string{main}, a.parts(main)...)
}

// shelved finds a line as its supplier listed it last; false when it is not listed. The caller holds the window's lock.
func (s *Shop) shelved(code string) (provider string, sh shelf, line providers.Product, ok bool) {
	provider, family, sku, ok := splitRef(s.window.refs[code])
	if !ok || sku == "" {
		return "", shelf{}, providers.Product{}, false
	}
	sh, ok = s.window.shelves[provider][family]
	at := slices.IndexFunc(sh.Lines, func(l providers.Product) bool { return l.SKU == sku })
	if !ok || sh.Product.Disabled || at < 0 || sh.Lines[at].Disabled {
		return "", shelf{}, providers.Product{}, false
	}
	return provider, sh, sh.Lines[at], true
}

// lead is the line under which customers meet a line: the first of those it is one with that its supplier lists. The caller holds the
// window's lock.
func (s *Shop) lead(a *arrangement, code string) string {
	group := a.group(code)
	if len(group) == 1 {
		return code
	}
	for _, one := range group {
		if _, _, _, ok := s.shelved(one); ok {
			return one
		}
	}
	return group[0]
}

// leading is lead for a code of any kind: a family whose lines have all gone into others leads to the family of the first of these.
func (s *Shop) leading(a *arrangement, code string) string {
	provider, family, sku, ok := splitRef(s.window.refs[code])
	switch {
	case !ok:
		return code
	case sku != "":
		return s.lead(a, code)
	}
	elsewhere := ""
	for _, line := range s.window.shelves[provider][family].Lines {
		one := s.window.codes[ref(provider, family, line.SKU)]
		to := s.lead(a, one)
		if to == one {
			return code
		}
		if elsewhere == "" {
			elsewhere = to
		}
	}
	if provider, family, _, ok := splitRef(s.window.refs[elsewhere]); ok {
		return s.window.codes[ref(provider, family, "")]
	}
	return code
}

// Join makes a line a part of another one, from another supplier: customers meet one line under one code, and the codes of all lead
// there. It returns ErrJoin, and ErrNotFound for a code that nothing has.
func (s *Shop) Join(ctx context.Context, admin int64, code, into string) error {
	if err := s.view(ctx); err != nil {
		return err
	}
	a := s.arranged.Load()
	if err := s.joinable(a, code, into); err != nil {
		return err
	}
	return s.arrange(ctx, admin, a.number, map[string]string{traitField(code, TraitJoined, ""): into},
		map[string]string{"product": code, "trait": string(TraitJoined), "value": into})
}

// joinable tells whether two lines can be one.
func (s *Shop) joinable(a *arrangement, code, into string) error {
	s.window.mu.RLock()
	defer s.window.mu.RUnlock()
	if s.window.refs[code] == "" || s.window.refs[into] == "" {
		return ErrNotFound
	}
	_, _, part, ok := s.shelved(code)
	_, _, main, also := s.shelved(into)
	if !ok || !also || a.main(code) != code || len(a.parts(code)) > 0 || a.main(into) != into {
		return ErrJoin
	}
	for _, other := range a.group(into) {
		if supplierOf(s.window.refs[other]) == supplierOf(s.window.refs[code]) {
			return ErrJoin
		}
	}
	if part.Account != main.Account || !part.Face.IsZero() && !main.Face.IsZero() && part.Face != main.Face {
		return ErrJoin
	}
	return nil
}

func supplierOf(reference string) string {
	provider, _, _, _ := splitRef(reference)
	return provider
}

// Leave makes a joined line one that stands for itself again. Repeating it changes nothing.
func (s *Shop) Leave(ctx context.Context, admin int64, code string) error {
	return s.arrange(ctx, admin, -1, map[string]string{traitField(code, TraitJoined, ""): ""},
		map[string]string{"product": code, "trait": string(TraitJoined)})
}
