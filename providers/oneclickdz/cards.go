package oneclickdz

import (
	"bytes"
	"encoding/json"

	"cardrop/providers"
)

// readCards reads the cards of an order: value, serial where there is one, and every other scalar property under its own
// label. The fault is Unreadable when there is no list of objects, MissingKey when a card has no value, and WrongCount when
// the same value came twice.
func readCards(data json.RawMessage) ([]providers.Card, providers.Fault) {
	if len(data) == 0 || string(data) == "null" {
		return nil, providers.NoFault
	}
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return nil, providers.Unreadable
	}
	var cards []providers.Card
	fault := providers.NoFault
	seen := map[text]bool{}
	for _, item := range items {
		card, value, ok := readCard(item)
		switch {
		case !ok:
			fault = providers.Unreadable
			continue
		case value == "":
			fault = worse(fault, providers.MissingKey)
		case seen[value]:
			fault = worse(fault, providers.WrongCount)
		}
		seen[value] = true
		cards = append(cards, card)
	}
	return cards, fault
}

// worse keeps the first fault found.
func worse(old, latest providers.Fault) providers.Fault {
	if old != providers.NoFault {
		return old
	}
	return latest
}

// readCard reads one card in the order of the wire; false when it is no object.
func readCard(item json.RawMessage) (card providers.Card, value text, ok bool) {
	d := json.NewDecoder(bytes.NewReader(item))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return providers.Card{}, "", false
	}
	for d.More() {
		key, err := d.Token()
		label, isText := key.(string)
		var raw json.RawMessage
		if err != nil || !isText || d.Decode(&raw) != nil {
			return providers.Card{}, "", false
		}
		var plain text
		if json.Unmarshal(raw, &plain) != nil || plain == "" {
			continue
		}
		switch label {
		case "value":
			value, card.Code = plain, providers.NewSecret(string(plain))
		case "serial":
			card.Serial = providers.NewSecret(string(plain))
		case "_id", "id":
		default:
			card.Extras = append(card.Extras, providers.Field{Label: label, Value: providers.NewSecret(string(plain))})
		}
	}
	return card, value, true
}
