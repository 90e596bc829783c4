package flows

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

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
	text = strings.Trim(western(text), ".,xX×*")
	if len(text) > 6 {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}

// amountOf reads a typed amount of whole units, such as "1 500", "1,500" or "1500.50".
func amountOf(text, code string) (int64, error) {
	text = western(text)
	whole, rest, comma := strings.Cut(text, ",")
	if comma && len(rest) <= 2 && !strings.Contains(rest, ".") { // a French decimal comma
		text = whole + "." + rest
	} else {
		text = strings.ReplaceAll(text, ",", "")
	}
	m, err := providers.ParseMoney(text, code)
	if err != nil {
		return 0, fmt.Errorf("read amount: %w", err)
	}
	return m.Minor, nil
}

// orderID reads an order's id as people copy it: in lower case, with or without the dash.
func orderID(text string) (string, bool) {
	id := strings.ToUpper(strings.TrimPrefix(western(text), "#"))
	return id, isOrder(id)
}

// shortCode reads a product's code as people type it.
func shortCode(text string) (string, bool) {
	code := strings.ToUpper(strings.TrimSpace(text))
	return code, isCode(code)
}
