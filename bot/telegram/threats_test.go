package telegram

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows"
)

// TestThreat22Senders: what somebody else sent never becomes a command or a press of the admin, however it names her.
func TestThreat22Senders(t *testing.T) {
	const boss = `"from":{"id":71000003,"first_name":"Nadia","username":"nadia","language_code":"en"}`
	private := `"message_id":5,"date":1,` + boss + `,"chat":{"id":71000003,"type":"private"},"text":"/credit 1 5000 x"`
	group := strings.Replace(private, `"chat":{"id":71000003,"type":"private"}`, `"chat":{"id":-100200,"type":"supergroup"}`, 1)
	message := func(fields string) string { return `{"update_id":9,"message":{` + fields + `}}` }
	press := `"id":"q1",` + boss + `,"chat_instance":"1","data":"suppliers","message":{"message_id":8,"date":1,"chat":{"id":71000003,"type":"private"}}`
	forged := map[string]string{
		"forwarded":                  message(private + `,"forward_origin":{"type":"user","date":1,"sender_user":{"id":71000003,"is_bot":false,"first_name":"Nadia"}}`),
		"forwarded, hidden":          message(private + `,"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"Nadia"}`),
		"forwarded from a channel":   message(private + `,"forward_origin":{"type":"channel","date":1,"message_id":1,"chat":{"id":-1009,"type":"channel"}}`),
		"via a bot":                  message(private + `,"via_bot":{"id":5,"is_bot":true,"first_name":"B"}`),
		"by a business connection":   message(private + `,"business_connection_id":"b"`),
		"her name, another id":       message(strings.ReplaceAll(private, "71000003", "71000004")),
		"as a chat":                  message(group + `,"sender_chat":{"id":-100300,"type":"channel","title":"Nadia"}`),
		"as the group":               message(strings.Replace(group, "71000003", fmt.Sprint(groupAnonymousBot), 1) + `,"sender_chat":{"id":-100200,"type":"supergroup"}`),
		"a bot with her id":          message(strings.Replace(private, `"first_name"`, `"is_bot":true,"first_name"`, 1)),
		"edited":                     strings.Replace(message(private), `"message"`, `"edited_message"`, 1),
		"a channel's post":           strings.Replace(message(private), `"message"`, `"channel_post"`, 1),
		"a business message":         strings.Replace(message(private), `"message"`, `"business_message"`, 1),
		"in another's private chat":  message(strings.Replace(private, `"chat":{"id":71000003`, `"chat":{"id":71000004`, 1)),
		"a caption":                  message(strings.Replace(private, `"text"`, `"caption"`, 1)),
		"press in another's chat":    `{"update_id":9,"callback_query":{` + strings.Replace(press, `"chat":{"id":71000003`, `"chat":{"id":71000004`, 1) + `}}`,
		"press of a bot":             `{"update_id":9,"callback_query":{` + strings.Replace(press, `"first_name"`, `"is_bot":true,"first_name"`, 1) + `}}`,
		"press on an inline message": `{"update_id":9,"callback_query":{"id":"q1",` + boss + `,"chat_instance":"1","data":"suppliers","inline_message_id":"i"}}`,
	}
	acts := func(raw string) bool {
		t.Helper()
		a, err := arrive([]byte(raw), "ShopBot")
		if err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		return a.input != nil && a.input.User == nadia && !a.input.Veiled && (a.input.Command != "" || a.input.Button != "")
	}
	for name, raw := range forged {
		if acts(raw) {
			t.Errorf("%s: it counts as hers", name)
		}
	}
	for _, raw := range []string{message(private), message(group), `{"update_id":9,"callback_query":{` + press + `}}`} {
		if !acts(raw) {
			t.Errorf("her own does not count as hers: %s", raw)
		}
	}
}

// FuzzStart: whatever follows /start in a deep link comes to the desk whole, as text of the sender's own private chat, and nothing in it
// becomes another command.
func FuzzStart(f *testing.F) {
	for _, s := range []string{"", "abc", "AAAAAAAAAAAAAAAAAAAAAA", "/credit 1 5", "a\nb", "@OtherBot x", "é😀", strings.Repeat("A", 64), "\x00", `"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		name, to, rest, ok := command("/start " + payload)
		if !ok || name != "start" || to != "" || rest != strings.TrimSpace(payload) {
			t.Errorf("%q is read as %q %q %q %v", payload, name, to, rest, ok)
		}
		text, err := json.Marshal("/start " + payload)
		if err != nil {
			t.Fatal(err)
		}
		a, err := arrive([]byte(privateMessage(`"text":`+string(text))), "ShopBot")
		want := flows.Input{Update: 9, Chat: amina, Private: true, User: amina, Name: "Amina B", Language: "fr", Command: "start",
			Text: strings.TrimSpace(payload), Message: 5}
		if err != nil || a.input == nil {
			t.Fatalf("%q: %v", payload, err)
		}
		if !utf8.ValidString(payload) {
			want.Text = a.input.Text // JSON replaces what is no UTF-8
		}
		if diff := cmp.Diff(want, *a.input); diff != "" {
			t.Errorf("%q (-want +got):\n%s", payload, diff)
		}
	})
}
