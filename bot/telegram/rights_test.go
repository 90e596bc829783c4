package telegram

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// entrances are every command and every button of the shop, by the matrix of rights.
func entrances(t *testing.T) (commands, buttons []string) {
	t.Helper()
	raw, err := os.ReadFile("../../flows/testdata/rights.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(raw), "\n") {
		name, cells, _ := strings.Cut(line, " ")
		switch {
		case name == "" || len(strings.Fields(cells)) != 5:
		case strings.HasPrefix(name, "/"):
			commands = append(commands, name)
		default:
			buttons = append(buttons, name)
		}
	}
	if len(commands) < 30 || len(buttons) < 80 {
		t.Fatalf("the matrix of rights has %d commands and %d buttons", len(commands), len(buttons))
	}
	return commands, buttons
}

// TestRightsForms holds that no command and no button comes through in a form that is nobody's own word to us: forwarded, edited, from
// another bot or to one, through a bot, as a channel or another group, on business and guest messages. Whoever sends it, it is not
// even looked at; the plain form of the same does come through.
func TestRightsForms(t *testing.T) {
	commands, buttons := entrances(t)
	typed := func(name, rest string) []string {
		return []string{privateMessage(`"text":"` + name + `"` + rest), groupMessage(`"text":"` + name + `@ShopBot"` + rest)}
	}
	change := func(list []string, from, to string) []string {
		var out []string
		for _, raw := range list {
			changed := strings.Replace(raw, from, to, 1)
			if changed == raw || !json.Valid([]byte(changed)) {
				t.Fatalf("no such form: %s", changed)
			}
			out = append(out, changed)
		}
		return out
	}
	for _, name := range commands {
		plain := typed(name, "")
		for form, list := range map[string][]string{
			"forwarded from a person":   typed(name, `,"forward_origin":{"type":"user","date":1,"sender_user":{"id":71000003,"first_name":"Nadia"}}`),
			"forwarded, hidden":         typed(name, `,"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"Nadia"}`),
			"forwarded from a channel":  typed(name, `,"forward_origin":{"type":"channel","date":1,"message_id":3,"chat":{"id":-100300,"type":"channel"}}`),
			"forwarded by itself":       typed(name, `,"is_automatic_forward":true`),
			"edited":                    change(plain, `"message":`, `"edited_message":`),
			"edited before it was read": typed(name, `,"edit_date":2`),
			"another bot's":             change(plain, `"first_name"`, `"is_bot":true,"first_name"`),
			"through a bot":             typed(name, `,"via_bot":{"id":5,"is_bot":true,"first_name":"B"}`),
			"to another bot":            {privateMessage(`"text":"` + name + `@OtherBot"`), groupMessage(`"text":"` + name + `@OtherBot"`)},
			"as a channel":              {asGroup(`"text":"`+name+`@ShopBot"`, -100300)},
			"in a channel":              change(plain, `"message":`, `"channel_post":`),
			"business":                  typed(name, `,"business_connection_id":"b"`),
			"guest":                     typed(name, `,"guest_query_id":"b"`),
			"ephemeral":                 typed(name, `,"ephemeral_message_id":4`),
			"a caption":                 change(plain, `"text":`, `"photo":[],"caption":`),
			"in another's private chat": change(plain[:1], `"chat":{"id":71000001`, `"chat":{"id":71000002`),
		} {
			for _, raw := range list {
				if a, err := arrive([]byte(raw), "ShopBot"); err != nil || a.input != nil {
					t.Errorf("%s %s comes through: %v", name, form, err)
				}
			}
		}
		for _, raw := range plain {
			if a, err := arrive([]byte(raw), "ShopBot"); err != nil || a.input == nil || a.input.Command != name[1:] {
				t.Errorf("%s does not come through: %v", name, err)
			}
		}
	}
	places := []string{`"message":{"message_id":8,"date":1,"chat":{"id":71000001,"type":"private"}},`,
		`"message":{"message_id":8,"date":1,"chat":{"id":-7,"type":"supergroup"}},`}
	for _, name := range buttons {
		data := `"` + name + `"`
		for _, place := range places {
			plain := pressUpdate(place, data)
			if a, err := arrive([]byte(plain), "ShopBot"); err != nil || a.input == nil || a.input.Button != name {
				t.Errorf("[%s] does not come through: %v", name, err)
			}
			for form, raw := range map[string]string{
				"another bot's":         strings.Replace(plain, `"first_name"`, `"is_bot":true,"first_name"`, 1),
				"on no message":         pressUpdate("", data),
				"on a business message": strings.Replace(plain, `"date":1`, `"date":1,"business_connection_id":"b"`, 1),
				"on another's whisper":  strings.Replace(plain, `"date":1`, `"date":1,"ephemeral_message_id":4,"receiver_user":{"id":71000002}`, 1),
				"on a private whisper":  strings.Replace(strings.Replace(plain, "supergroup", "private", 1), `"date":1`, `"date":1,"ephemeral_message_id":4`, 1),
			} {
				if a, err := arrive([]byte(raw), "ShopBot"); err != nil || a.input != nil {
					t.Errorf("[%s] %s comes through: %v", name, form, err)
				}
			}
		}
	}
}
