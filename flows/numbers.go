package flows

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cardrop/providers"
)

// western rewrites what people type as numbers: Arabic and Persian digits become ASCII, and spaces, dashes and bidi marks
// go.
func western(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r == '٫': // Arabic decimal separator
			return '.'
		case r == '٬' || r == '،': // Arabic thousands separator and comma
			return ','
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Pd, r), r == '−', r == '_':
			return -1
		}
		return r
	}, text)
}

// lineNumber turns a typed line number into wire form: ADSL 0 and 8 digits, 4G 213 and 9 digits.
func lineNumber(kind providers.AccountKind, text string) (string, bool) {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,()/", r) {
			return -1
		}
		return r
	}, western(text))
	national, abroad := strings.CutPrefix(text, "+213")
	if !abroad {
		national, abroad = strings.CutPrefix(text, "00213")
	}
	if !abroad && len(text) > 10 {
		national, abroad = strings.CutPrefix(text, "213")
	}
	if !abroad {
		national = text
	}
	if strings.Trim(national, digits) != "" {
		return "", false
	}
	local, trunk := strings.CutPrefix(national, "0")
	if !trunk && !abroad {
		return "", false
	}
	switch {
	case kind == providers.ADSL && len(local) == 8 && local[0] != '0':
		return "0" + local, true
	case kind == providers.FourG && len(local) == 9 && local[0] != '0':
		return "213" + local, true
	}
	return "", false
}

// countOf reads a typed quantity.
func countOf(text string) (int, bool) {
	text, ok := decimal(strings.Trim(western(text), ".,xX×*"))
	if !ok || len(text) > 6 {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}

// decimal rewrites a number as people group it ("1.500", "12,345,678", "1.500,50") with at most a decimal point. Three digits
// behind a single separator are a group; what can be read in no way is refused.
func decimal(text string) (string, bool) {
	const separators = ".,'’"
	last := strings.LastIndexAny(text, separators)
	if last < 0 {
		return text, text != "" && strings.Trim(text, digits) == ""
	}
	mark, size := utf8.DecodeRuneInString(text[last:])
	whole, rest := text[:last], text[last+size:]
	if len(rest) == 3 { // the last group: all separators are alike
		whole, rest = text, ""
	} else if len(rest) < 1 || len(rest) > 2 || strings.ContainsRune(whole, mark) || mark != '.' && mark != ',' {
		return "", false
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return strings.ContainsRune(separators, r) })
	if !grouped(whole, groups, separators) || strings.Trim(rest, digits) != "" {
		return "", false
	}
	whole = strings.Join(groups, "")
	if rest != "" {
		return whole + "." + rest, true
	}
	return whole, true
}

// grouped tells whether digits stand in groups of three with one kind of separator between them, or in one group of any length.
func grouped(text string, groups []string, separators string) bool {
	if len(groups) == 0 || strings.Trim(strings.Join(groups, ""), digits) != "" {
		return false
	}
	marks := strings.Trim(text, digits) // what stands from the first to the last separator
	if len(groups) == 1 {
		return marks == ""
	}
	mark, _ := utf8.DecodeRuneInString(marks)
	if strings.Join(groups, string(mark)) != text || len(groups[0]) > 3 || groups[0][0] == '0' {
		return false
	}
	return !slices.ContainsFunc(groups[1:], func(g string) bool { return len(g) != 3 }) && strings.ContainsRune(separators, mark)
}

// amountOf reads a typed amount of whole units, such as "1 500", "1.500,50" or "1500 DA". Where people count in centimes,
// "150 000 centimes" is the same. A sign is refused: what it would mean is not for a reader to guess.
func amountOf(text, code string) (int64, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Pd, r) || r == '−' || r == '+' }) {
		return 0, errors.New("read amount: it has a sign")
	}
	text = western(text)
	figures, unit := strings.Trim(text, ".,"), ""
	if at := strings.IndexFunc(text, unicode.IsLetter); at >= 0 {
		figures, unit = strings.Trim(text[:at], ".,"), amountUnit(text[at:], code)
		if unit == "" {
			return 0, errors.New("read amount: unknown unit")
		}
	}
	number, ok := decimal(figures)
	if !ok {
		return 0, errors.New("read amount: not a number")
	}
	if unit == unitCentime {
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, errors.New("read amount: not a count of centimes")
		}
		return n, nil
	}
	m, err := providers.ParseMoney(number, code)
	if err != nil {
		return 0, fmt.Errorf("read amount: %w", err)
	}
	return m.Minor, nil
}

// The units an amount may be typed in.
const (
	unitWhole   = "whole"
	unitCentime = "centime"
)

// amountUnit reads the word behind an amount; empty for one that is no unit of the currency.
func amountUnit(word, code string) string {
	word = strings.ReplaceAll(fold(word), " ", "")
	switch {
	case word == fold(code):
		return unitWhole
	case code != "DZD":
		return ""
	case slices.Contains([]string{"da", "dinar", "dinars", "دج", "دينار", "دنانير"}, word):
		return unitWhole
	case slices.Contains([]string{"centime", "centimes", "سنتيم", "سنتيمات"}, word):
		return unitCentime
	}
	return ""
}

// leadingAmount takes an amount from the beginning of typed words: "5000", "5 000", "5 000 DA". It gives the words behind it.
func leadingAmount(words []string, code string) (minor int64, rest []string, ok bool) {
	if len(words) == 0 {
		return 0, nil, false
	}
	n := 1
	if first := western(words[0]); len(first) <= 3 && strings.Trim(first, digits) == "" { // "5 000": groups of three follow
		for n < len(words) && thousands(western(words[n])) {
			n++
		}
	}
	if n < len(words) && amountUnit(words[n], code) != "" {
		n++
	}
	minor, err := amountOf(strings.Join(words[:n], " "), code)
	return minor, words[n:], err == nil
}

// thousands tells whether a word is a group of three digits, maybe with decimals behind it.
func thousands(word string) bool {
	group, cents, _ := strings.Cut(strings.ReplaceAll(word, ",", "."), ".")
	return len(group) == 3 && len(cents) <= 2 && strings.Trim(group+cents, digits) == ""
}

// orderID reads an order's id as people copy it: in any case, with or without the dash and the word before it.
func orderID(text string) (string, bool) {
	id := strings.ToUpper(strings.Trim(western(text), "#.,:،؛"))
	for _, word := range []string{"ORDER", "COMMANDE", "الطلبية", "طلبية", "الطلب", "طلب", "N°"} {
		if rest, cut := strings.CutPrefix(id, word); cut && len(rest) >= 8 {
			id = strings.Trim(rest, "#.,:")
		}
	}
	id = strings.Map(func(r rune) rune {
		if strings.ContainsRune(".,/'", r) {
			return -1
		}
		return r
	}, id)
	return id, isOrder(id)
}

// shortCode reads a product's code as people type it: any digits and dashes, any separator for the dash.
func shortCode(text string) (string, bool) {
	parts := strings.FieldsFunc(strings.ToUpper(strings.Map(codeLetter, text)), func(r rune) bool { return r == '-' })
	code := strings.Join(parts, "-")
	return code, isCode(code)
}

// codeLetter is western for codes, in which separators count as dashes.
func codeLetter(r rune) rune {
	if unicode.Is(unicode.Cf, r) || r == '#' {
		return -1
	}
	if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("−_.,/،", r) {
		return '-'
	}
	if one := []rune(western(string(r))); len(one) == 1 {
		return one[0]
	}
	return r
}

// squeezed is a code without its dashes, for people who leave them out.
func squeezed(code string) string { return strings.ReplaceAll(code, "-", "") }
