package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows"
)

const fromAmina = `"from":{"id":71000001,"first_name":"Amina","last_name":"B","language_code":"fr"}`

func privateMessage(fields string) string {
	return `{"update_id":9,"message":{"message_id":5,"date":1,` + fromAmina + `,"chat":{"id":71000001,"type":"private"},` + fields + `}}`
}

func groupMessage(fields string) string {
	return `{"update_id":9,"message":{"message_id":5,"date":1,` + fromAmina + `,"chat":{"id":-100200,"type":"supergroup"},` + fields + `}}`
}

func pressUpdate(message, data string) string {
	return `{"update_id":9,"callback_query":{"id":"q1",` + fromAmina + `,` + message + `"chat_instance":"1","data":` + data + `}}`
}

// asGroup is a message that an admin, or another chat, wrote in the name of a chat.
func asGroup(fields string, as int64) string {
	raw := strings.Replace(groupMessage(fields), fromAmina, `"from":{"id":1087968824,"is_bot":true,"first_name":"Group"}`, 1)
	return strings.Replace(raw, `"text"`, fmt.Sprintf(`"sender_chat":{"id":%d,"type":"supergroup"},"text"`, as), 1)
}

// membershipUpdate is what the bot's own standing in a chat became, by Amina's hand.
func membershipUpdate(status string, chat int64) string {
	kind := "private"
	if chat < 0 {
		kind = "supergroup"
	}
	return fmt.Sprintf(`{"update_id":9,"my_chat_member":{"chat":{"id":%d,"type":%q},%s,"date":1,`+
		`"old_chat_member":{"status":"left","user":{"id":2}},"new_chat_member":{"status":%q,"user":{"id":2},"until_date":0}}}`,
		chat, kind, fromAmina, status)
}

func TestArrive(t *testing.T) {
	typed := func(command, text string) *flows.Input {
		return &flows.Input{
			Update: 9, Chat: amina, Private: true, User: amina, Name: "Amina B", Language: "fr", Command: command, Text: text, Message: 5,
		}
	}
	inGroup := func(command, text string, thread int) *flows.Input {
		return &flows.Input{
			Update: 9, Chat: -100200, User: amina, Name: "Amina B", Language: "fr", Command: command, Text: text, Message: 5, Thread: thread,
		}
	}
	pictured := func(p flows.Picture, caption string) *flows.Input {
		in := typed("", caption)
		in.Picture = p
		return in
	}
	direct := func(in *flows.Input) *flows.Input { in.Direct = true; return in }
	veiled := func(in *flows.Input) *flows.Input {
		in.User, in.Name, in.Language, in.Veiled = groupAnonymousBot, "Group", "", true
		return in
	}
	about := func(a flows.About, in *flows.Input) *flows.Input { in.About = a; return in }
	replying := func(command, origin string) string {
		return privateMessage(fmt.Sprintf(`"text":%q,"reply_to_message":{"message_id":4,"date":1,%s,"chat":{"id":71000001,"type":"private"},"text":"help"%s}`,
			command, fromAmina, origin))
	}
	const fromOmar = `,"forward_origin":{"type":"user","date":1,"sender_user":{"id":71000002,"first_name":"Omar"}}`
	moved := &flows.Input{Update: 9, Chat: -5, To: -100200, Change: flows.ChatMoved}
	changed := func(c flows.Change) *flows.Input {
		return &flows.Input{Update: 9, Chat: amina, Private: true, User: amina, Change: c}
	}
	pressed := func(private bool, chat int64, thread int) *flows.Input {
		return &flows.Input{
			Update: 9, Chat: chat, Private: private, User: amina, Name: "Amina B", Language: "fr", Button: "go", Message: 8, Thread: thread,
		}
	}
	tests := []struct {
		name, raw string
		want      *flows.Input
		note      string
		query     string
	}{
		{name: "text", raw: privateMessage(`"text":"hello"`), want: typed("", "hello")},
		{name: "photo", raw: privateMessage(`"caption":"77 12","photo":[{"file_id":"s","file_unique_id":"us"},{"file_id":"l","file_unique_id":"ul"}]`),
			want: pictured(flows.Picture{File: "l", Unique: "ul"}, "77 12")},
		{name: "picture as a file", raw: privateMessage(`"document":{"file_id":"d","file_unique_id":"ud","mime_type":"application/pdf"}`),
			want: pictured(flows.Picture{File: "d", Unique: "ud", Document: true}, "")},
		{name: "another file", raw: privateMessage(`"document":{"file_id":"d","file_unique_id":"ud","mime_type":"text/plain"}`), note: "no text"},
		{name: "photo in a group", raw: groupMessage(`"photo":[{"file_id":"s","file_unique_id":"us"}]`), note: "group talk"},
		{name: "command", raw: privateMessage(`"text":"/START  abc\tdef "`), want: typed("start", "abc\tdef")},
		{name: "command for us", raw: privateMessage(`"text":"/buy@sHOPbOT PSN 2"`), want: direct(typed("buy", "PSN 2"))},
		{name: "command with newline", raw: privateMessage(`"text":"/buy\nPSN"`), want: typed("buy", "PSN")},
		{name: "slash alone", raw: privateMessage(`"text":"/ 5"`), want: typed("", "/ 5")},
		{name: "path", raw: privateMessage(`"text":"/a/b"`), want: typed("", "/a/b")},
		{name: "entity beyond the text", raw: privateMessage(`"text":"/a","entities":[{"type":"bot_command","offset":90,"length":9}]`), want: typed("a", "")},
		{name: "command for another", raw: privateMessage(`"text":"/buy@OtherBot"`), note: "command of another bot"},
		{name: "group command", raw: groupMessage(`"text":"/help@ShopBot"`), want: direct(inGroup("help", "", 0))},
		{name: "group command in topic", raw: groupMessage(`"text":"/help","is_topic_message":true,"message_thread_id":77`), want: inGroup("help", "", 77)},
		{name: "reply thread is no topic", raw: groupMessage(`"text":"/help","message_thread_id":77`), want: inGroup("help", "", 0)},
		{name: "group talk", raw: groupMessage(`"text":"hello"`), note: "group talk"},
		{name: "forwarded command", raw: privateMessage(`"text":"/audit","forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"x"}`), note: "forwarded"},
		{name: "reply to a customer's message", raw: replying("/credit 500 cash", fromOmar), want: toAmina(about(flows.About{User: omar}, typed("credit", "500 cash")))},
		{name: "reply to a hidden customer's", raw: replying("/audit user", `,"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"Omar"}`),
			want: toAmina(about(flows.About{Hidden: true}, typed("audit", "user")))},
		{name: "reply to a channel's", raw: replying("/audit user", `,"forward_origin":{"type":"channel","date":1,"message_id":3,"chat":{"id":-100300,"type":"channel"}}`),
			want: toAmina(typed("audit", "user"))},
		{name: "reply to a group's", raw: replying("/audit user", `,"forward_origin":{"type":"chat","date":1,"sender_chat":{"id":-100300,"type":"supergroup"}}`),
			want: toAmina(typed("audit", "user"))},
		{name: "reply to a bot's", raw: strings.Replace(replying("/audit user", fromOmar), `"first_name":"Omar"`, `"is_bot":true,"first_name":"Omar"`, 1),
			want: toAmina(typed("audit", "user"))},
		{name: "reply to an origin without a person", raw: replying("/audit user", `,"forward_origin":{"type":"user","date":1}`), want: toAmina(typed("audit", "user"))},
		{name: "reply to what the bot forwarded", raw: strings.Replace(replying("/audit user", fromOmar), `"date":1,`+fromAmina+`,"chat":{"id":71000001,"type":"private"},"text":"help"`,
			`"date":1,"from":{"id":4200,"is_bot":true,"first_name":"Shop"},"chat":{"id":71000001,"type":"private"},"text":"help"`, 1), want: typed("audit", "user")},
		{name: "reply to an own message", raw: replying("/audit user", ""), want: toAmina(typed("audit", "user"))},
		{name: "forwarded reply", raw: strings.Replace(replying("/audit user", fromOmar), `"reply_to_message"`,
			`"forward_origin":{"type":"user","date":1,"sender_user":{"id":71000002}},"reply_to_message"`, 1), note: "forwarded"},
		{name: "reply in a group", raw: groupMessage(`"text":"/help","reply_to_message":{"message_id":4,"date":1,` + fromAmina + `,"chat":{"id":-100200,"type":"supergroup"}` + fromOmar + `}`),
			want: toAmina(inGroup("help", "", 0))},
		{name: "via bot", raw: privateMessage(`"text":"/audit","via_bot":{"id":5,"is_bot":true}`), note: "sent via a bot"},
		{name: "sent as a chat", raw: groupMessage(`"text":"/audit","sender_chat":{"id":-100200,"type":"supergroup"}`), note: "sent as a chat"},
		{name: "anonymous admin", raw: asGroup(`"text":"/link"`, -100200), want: veiled(inGroup("link", "", 0))},
		{name: "anonymous admin talks", raw: asGroup(`"text":"hello"`, -100200), note: "group talk"},
		{name: "anonymous admin to another bot", raw: asGroup(`"text":"/link@OtherBot"`, -100200), note: "command of another bot"},
		{name: "another group as a member", raw: asGroup(`"text":"/link"`, -100300), note: "sent as a chat"},
		{name: "anonymous admin forwards", raw: asGroup(`"text":"/link","forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"x"}`, -100200), note: "sent as a chat"},
		{name: "channel as a member", raw: strings.Replace(asGroup(`"text":"/link"`, -100300), "1087968824", "136817688", 1), note: "sent as a chat"},
		{name: "another bot", raw: strings.Replace(groupMessage(`"text":"/link@ShopBot"`), `"first_name"`, `"is_bot":true,"first_name"`, 1), note: "sent by a bot"},
		{name: "press of a bot", raw: strings.Replace(pressUpdate(`"message":{"message_id":8,"date":1,"chat":{"id":-7,"type":"supergroup"}},`, `"go"`), `"first_name"`, `"is_bot":true,"first_name"`, 1), note: "press without a place", query: "q1"},
		{name: "became a supergroup", raw: strings.Replace(groupMessage(`"migrate_to_chat_id":-100200`), `"chat":{"id":-100200,"type":"supergroup"}`, `"chat":{"id":-5,"type":"group"}`, 1), want: moved},
		{name: "was a group", raw: groupMessage(`"migrate_from_chat_id":-5`), want: moved},
		{name: "moved to nowhere", raw: groupMessage(`"migrate_to_chat_id":7`), note: "chat of another kind"},
		{name: "blocked by its owner", raw: membershipUpdate("kicked", amina), want: changed(flows.ChatShut)},
		{name: "unblocked by its owner", raw: membershipUpdate("member", amina), want: changed(flows.ChatOpen)},
		{name: "put out of a group", raw: membershipUpdate("kicked", -100200), note: "membership kicked"},
		{name: "made an administrator of a group", raw: membershipUpdate("administrator", -100200), note: "membership administrator"},
		{name: "caption", raw: privateMessage(`"caption":"/audit","photo":[]`), note: "no text"},
		{name: "business", raw: privateMessage(`"text":"/audit","business_connection_id":"b"`), note: "business message"},
		{name: "guest", raw: privateMessage(`"text":"/audit","guest_query_id":"b"`), note: "guest message"},
		{name: "ephemeral", raw: groupMessage(`"text":"/audit","ephemeral_message_id":4`), note: "ephemeral message"},
		{name: "edited", raw: strings.Replace(privateMessage(`"text":"/audit"`), `"message"`, `"edited_message"`, 1), note: "kind not handled"},
		{name: "channel post", raw: strings.Replace(privateMessage(`"text":"/audit"`), `"message"`, `"channel_post"`, 1), note: "kind not handled"},
		{name: "no sender", raw: `{"update_id":9,"message":{"message_id":5,"chat":{"id":71000001,"type":"private"},"text":"x"}}`, note: "no sender"},
		{name: "private chat of another", raw: strings.Replace(privateMessage(`"text":"x"`), `"chat":{"id":71000001`, `"chat":{"id":71000002`, 1), note: "chat of another kind"},
		{name: "press in the chat of another", raw: pressUpdate(`"message":{"message_id":8,"date":1,"chat":{"id":71000002,"type":"private"}},`, `"go"`), note: "chat of another kind", query: "q1"},
		{name: "press in a channel", raw: pressUpdate(`"message":{"message_id":8,"date":1,"chat":{"id":-7,"type":"channel"}},`, `"go"`), note: "chat of another kind", query: "q1"},
		{name: "blocked", raw: `{"update_id":9,"my_chat_member":{"chat":{"id":1,"type":"private"},` + fromAmina +
			`,"date":1,"old_chat_member":{"status":"member","user":{"id":2}},"new_chat_member":{"status":"kicked","user":{"id":2},"until_date":0}}}`, note: "membership kicked"},
		{name: "unknown member status", raw: `{"update_id":9,"my_chat_member":{"chat":{"id":1},"new_chat_member":{"status":"new"}}}`, note: "unreadable (*errors.errorString)"},
		{name: "press", raw: pressUpdate(`"message":{"message_id":8,"date":1,"chat":{"id":71000001,"type":"private"}},`, `"go"`), want: pressed(true, amina, 0), query: "q1"},
		{name: "press in topic", raw: pressUpdate(`"message":{"message_id":8,"date":1,"is_topic_message":true,"message_thread_id":4,"chat":{"id":-7,"type":"supergroup"}},`, `"go"`), want: pressed(false, -7, 4), query: "q1"},
		{name: "press on inaccessible message", raw: pressUpdate(`"message":{"message_id":8,"date":0,"chat":{"id":71000001,"type":"private"}},`, `"go"`), want: pressed(true, amina, 0), query: "q1"},
		{name: "press on inline message", raw: pressUpdate(`"inline_message_id":"i",`, `"go"`), note: "press without a place", query: "q1"},
		{name: "press without data", raw: pressUpdate(`"message":{"message_id":8,"date":1,"chat":{"id":71000001,"type":"private"}},`, `""`), note: "press without data", query: "q1"},
		{name: "press with long data", raw: pressUpdate(`"message":{"message_id":8,"date":1,"chat":{"id":71000001,"type":"private"}},`, `"`+strings.Repeat("a", 65)+`"`), note: "press without data", query: "q1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := arrive([]byte(tt.raw), "ShopBot")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, a.input); diff != "" {
				t.Errorf("input (-want +got):\n%s", diff)
			}
			if note := strings.Replace(a.note, "*fmt.wrapError", "*errors.errorString", 1); note != tt.note || a.query != tt.query || a.id != 9 {
				t.Errorf("note %q query %q id %d, want %q %q 9", a.note, a.query, a.id, tt.note, tt.query)
			}
		})
	}
}

func TestArriveGarbage(t *testing.T) {
	for _, raw := range []string{"", "null", "[]", "7", `{"update_id":"x"}`, `{}`, `{"update_id":1`, `<html>`} {
		if _, err := arrive([]byte(raw), "ShopBot"); !errors.Is(err, errUpdate) {
			t.Errorf("%q: error %v, want %v", raw, err, errUpdate)
		}
	}
}

// FuzzArrive: hostile updates neither panic nor become inputs that nobody is behind.
func FuzzArrive(f *testing.F) {
	f.Add([]byte(privateMessage(`"text":"/buy@ShopBot PSN","entities":[{"type":"bot_command","offset":-1,"length":999}]`)))
	f.Add([]byte(groupMessage(`"text":"/help","reply_to_message":{"message_id":1,"pinned_message":{}}`)))
	f.Add([]byte(privateMessage(`"text":"/audit user","reply_to_message":{"message_id":4,"date":1,` + fromAmina +
		`,"forward_origin":{"type":"user","sender_user":{"id":-2}}}`)))
	f.Add([]byte(pressUpdate(`"message":{"message_id":8,"date":0,"chat":{}},`, `"go"`)))
	f.Add([]byte(pressUpdate(`"message":null,`, `null`)))
	f.Add([]byte(`{"update_id":1,"message":{"forward_origin":{},"chat":null,"from":null}}`))
	f.Add([]byte(`{"update_id":1,"my_chat_member":{"new_chat_member":{"status":"kicked"}}}`))
	f.Add([]byte(`{"update_id":1,"message":{"paid_media":{"paid_media":[{"type":"?"}]},"gift":{},"poll":{}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := arrive(raw, "ShopBot")
		if err != nil || a.input == nil {
			return
		}
		in := a.input
		if in.Change == flows.ChatMoved {
			if in.Chat >= 0 || in.To >= 0 {
				t.Errorf("input %+v from %s", in, raw)
			}
			return
		}
		if in.About != (flows.About{}) && (!in.Private || in.About.User < 0 || in.About.Hidden == (in.About.User > 0)) {
			t.Errorf("about %+v from %s", in.About, raw)
		}
		if in.User <= 0 || in.Chat == 0 || (in.Private && in.Chat != in.User) || len(in.Button) > maxData {
			t.Errorf("input %+v from %s", in, raw)
		}
		if in.Change == "" && in.Button == "" && in.Command == "" && (!in.Private || strings.TrimSpace(in.Text) == "") {
			t.Errorf("input without content %+v from %s", in, raw)
		}
	})
}

func Example_command() {
	name, bot, rest, ok := command("/Buy@ShopBot PSN-10 2")
	out, _ := json.Marshal([]any{name, bot, rest, ok})
	fmt.Println(string(out))
	// Output: ["buy","ShopBot","PSN-10 2",true]
}

// toAmina is the same input as a reply to Amina's message.
func toAmina(in *flows.Input) *flows.Input {
	in.Replied = 71000001
	return in
}
