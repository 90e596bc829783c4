package flows

import (
	"slices"
	"strings"
)

// settlements are how an admin's credit or debit was settled, with the words that say so.
func settlements() map[string][]string {
	return map[string][]string{
		"cash":       {"cash", "especes", "liquide", "نقدا", "كاش"},
		"transfer":   {"transfer", "virement", "versement", "تحويل"},
		"correction": {"correction", "تصحيح"},
		"gift":       {"gift", "cadeau", "geste", "هدية"},
	}
}

// settled tells the kind of settlement that a note begins with; empty for none.
func settled(note string) string {
	head, _, _ := strings.Cut(strings.TrimSpace(note), " ")
	head = fold(strings.Trim(head, ",:;"))
	for kind, words := range settlements() {
		if slices.ContainsFunc(words, func(w string) bool { return fold(w) == head }) {
			return kind
		}
	}
	return ""
}

// settledBy says how something was settled; empty when nobody said.
func (s speech) settledBy(kind string) string {
	if kind == "" {
		return ""
	}
	return s.say("settled", "Kind", s.say("settled."+kind))
}

// givenAmount takes an amount from the beginning of typed words; a minus before it takes out.
func givenAmount(words []string, code string) (minor int64, rest []string, ok bool) {
	if len(words) == 0 {
		return 0, nil, false
	}
	head, sign := strings.TrimLeft(words[0], "-−–"), int64(1)
	if head != words[0] {
		sign = -1
	}
	if head == "" { // "- 500"
		return 0, nil, false
	}
	minor, rest, ok = leadingAmount(append([]string{head}, words[1:]...), code)
	return sign * minor, rest, ok
}
