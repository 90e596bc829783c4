package oneclickdz

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"cardrop/providers"
)

// ident is an id of the supplier: an opaque string, or an object that holds it. An id that is not plain is empty: it could
// not be used in a path.
type ident string

// UnmarshalJSON reads "65aa…", {"_id":"65aa…"} and {"id":"65aa…"}.
func (i *ident) UnmarshalJSON(data []byte) error {
	*i = ""
	var plain string
	if json.Unmarshal(data, &plain) != nil {
		var object struct {
			Mongo json.RawMessage `json:"_id"`
			ID    json.RawMessage `json:"id"`
		}
		if json.Unmarshal(data, &object) != nil {
			return nil
		}
		if json.Unmarshal(object.Mongo, &plain) != nil && json.Unmarshal(object.ID, &plain) != nil {
			return nil
		}
	}
	if isPlain(plain) {
		*i = ident(plain)
	}
	return nil
}

// isPlain tells whether an id is 1 to 60 letters, digits, dashes and underscores: then it means itself in a path and in a SKU.
func isPlain(id string) bool {
	if id == "" || len(id) > 60 {
		return false
	}
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// first is the first id that came; the supplier's pages disagree about its name.
func first(ids ...ident) string {
	for _, id := range ids {
		if id != "" {
			return string(id)
		}
	}
	return ""
}

// whole is a count that comes as a JSON number or as a text.
type whole struct {
	n   int
	set bool // something came
	bad bool // and it is no count
}

// UnmarshalJSON reads 2, "2" and null.
func (w *whole) UnmarshalJSON(data []byte) error {
	*w = whole{}
	if string(data) == "null" {
		return nil
	}
	n, err := strconv.Atoi(strings.Trim(string(data), `"`))
	*w = whole{n: n, set: true, bad: err != nil || n < 0}
	return nil
}

// amount reads dinars; an absent, malformed or negative amount is unknown Money.
func amount(data json.RawMessage) providers.Money {
	var d providers.Decimal
	if json.Unmarshal(data, &d) != nil {
		return providers.Money{}
	}
	m, err := d.Money(currency)
	if err != nil || m.Minor < 0 {
		return providers.Money{}
	}
	return m
}

// price reads what must be more than nothing to be sold.
func price(data json.RawMessage) (providers.Money, bool) {
	m := amount(data)
	return m, m.Minor > 0
}

// when reads a time of the supplier.
func when(s text) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, string(s))
	return t, err == nil
}
