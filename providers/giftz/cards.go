package giftz

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"cardrop/providers"
)

// The keys with a place of their own on a card.
const (
	keyCode   = "code"
	keySerial = "serial"
	keyURL    = providers.LabelURL
)

// errShape means that content is not the JSON object it should be.
var errShape = errors.New("content is no JSON object")

// property is one key of custom_data or of the decrypted secure_data.
type property struct {
	label string
	value json.RawMessage
}

// Reparse reads a sealed answer once more: one that was kept with the fault Unreadable because the password was wrong then.
// Its count is checked against the answer's own number only; the placement's quantity and line are the caller's to
// compare. A Fulfillment with a Fault means that it still does not fit. It returns an error when raw is no answer that sold
// something.
func (c *Client) Reparse(raw providers.Secret) (providers.Fulfillment, error) {
	body := []byte(raw.Expose())
	r, err := readReply(body)
	if err != nil {
		return providers.Fulfillment{}, fmt.Errorf("reparse giftz answer: %w", err)
	}
	if !r.sold() {
		return providers.Fulfillment{}, fmt.Errorf("reparse giftz answer: code %d sold nothing", r.Code)
	}
	return c.read(body, r, "", 0), nil
}

// read turns an answer that sold something into cards. What does not fit is a Fault: the cards that could be read, and the
// whole answer. An empty sku and a zero quantity are not compared.
func (c *Client) read(body []byte, r reply, sku string, quantity int) providers.Fulfillment {
	f := providers.Fulfillment{State: providers.Fulfilled}
	faults := map[providers.Fault]bool{providers.Unreadable: !utf8.Valid(body)}
	var list []json.RawMessage
	if !r.empty() && json.Unmarshal(r.Vouchers, &list) != nil {
		faults[providers.Unreadable] = true
	}
	for _, raw := range list {
		var v voucher
		if json.Unmarshal(raw, &v) != nil {
			faults[providers.Unreadable] = true
			continue
		}
		if sku != "" && string(v.ID) != sku {
			faults[providers.WrongLine] = true
		}
		card, fault := c.card(v)
		faults[fault] = true
		if fault != providers.Unreadable {
			f.Cards = append(f.Cards, card)
		}
	}
	if (quantity != 0 && len(list) != quantity) || len(list) == 0 || !r.counts(len(list)) {
		faults[providers.WrongCount] = true
	}
	for _, fault := range []providers.Fault{providers.Unreadable, providers.WrongLine, providers.WrongCount, providers.MissingKey} {
		if faults[fault] {
			f.Fault, f.Raw = fault, providers.NewSecret(string(body))
			break
		}
	}
	return f
}

// counts compares number_of_vouchers, where it is given, with what came.
func (r reply) counts(n int) bool {
	if isNull(r.Count) {
		return true
	}
	var told number
	return json.Unmarshal(r.Count, &told) == nil && int(told) == n
}

// card reads one voucher.
func (c *Client) card(v voucher) (providers.Card, providers.Fault) {
	custom, err := customOf(v)
	if err != nil {
		return providers.Card{}, providers.Unreadable
	}
	secure, err := c.secureOf(v)
	if err != nil {
		return providers.Card{}, providers.Unreadable
	}
	card := fill(custom, secure)
	want, _ := c.fieldsOf(string(v.ID))
	url := slices.ContainsFunc(card.Extras, func(e providers.Field) bool { return e.Label == keyURL && !e.Value.Empty() })
	if missing(want.custom, custom) || missing(want.secure, secure) || (card.Code.Empty() && !url) {
		return card, providers.MissingKey
	}
	return card, providers.NoFault
}

// customOf reads custom_data: a text that holds a JSON object, or the object itself, or nothing.
func customOf(v voucher) ([]property, error) {
	data := v.Custom
	if isNull(data) {
		data = v.PublicInfo
	}
	if isNull(data) {
		return nil, nil
	}
	if data[0] == '"' {
		var inner string
		if err := json.Unmarshal(data, &inner); err != nil {
			return nil, errShape
		}
		if data = []byte(inner); isNull(data) {
			return nil, nil
		}
	}
	if string(bytes.TrimSpace(data)) == "[]" { // PHP's empty object
		return nil, nil
	}
	return properties(data)
}

func (c *Client) secureOf(v voucher) ([]property, error) {
	sealed := string(v.Secure)
	if sealed == "" {
		sealed = string(v.Subscribed)
	}
	plain, err := decrypt(c.o.Password, sealed)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(plain) {
		return nil, errShape
	}
	return properties(plain)
}

// properties reads a JSON object in the order of the wire. A repeated key makes it unreadable: which one counts is not known.
func properties(data []byte) ([]property, error) {
	if !json.Valid(data) {
		return nil, errShape
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errShape
	}
	var list []property
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		label, ok := key.(string)
		if err != nil || !ok || seen[label] {
			return nil, errShape
		}
		seen[label] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errShape
		}
		list = append(list, property{label, value})
	}
	return list, nil
}

// fill puts every property on the card: the code from the secure part before the other, the serial the other way round, and
// whatever remains as extras, custom before secure.
func fill(custom, secure []property) providers.Card {
	var card providers.Card
	code := pick(keyCode, secure, custom)
	serial := pick(keySerial, custom, secure)
	for _, part := range [][]property{custom, secure} {
		for i := range part {
			switch p := &part[i]; p {
			case code:
				card.Code = p.secret()
			case serial:
				card.Serial = p.secret()
			default:
				card.Extras = append(card.Extras, providers.Field{Label: p.label, Value: p.secret()})
			}
		}
	}
	return card
}

// pick finds the first property under a label that is a text or a number and not empty.
func pick(label string, parts ...[]property) *property {
	for _, part := range parts {
		for i := range part {
			if plain, ok := scalar(part[i].value); ok && plain != "" && part[i].label == label {
				return &part[i]
			}
		}
	}
	return nil
}

// secret is the text of a JSON string, and the JSON text of every other value.
func (p *property) secret() providers.Secret {
	if plain, ok := scalar(p.value); ok {
		return providers.NewSecret(plain)
	}
	return providers.NewSecret(string(p.value))
}

// missing tells whether an announced key is absent or null.
func missing(want []string, have []property) bool {
	return slices.ContainsFunc(want, func(name string) bool {
		return !slices.ContainsFunc(have, func(p property) bool { return p.label == name && !isNull(p.value) })
	})
}
