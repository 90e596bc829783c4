package demo

import (
	"maps"
	"net/http"
	"strings"
	"testing"
)

// button is a callback button with extra fields.
func button(extra fields) fields {
	b := fields{"text": "Buy"}
	maps.Copy(b, extra)
	return b
}

func manyButtons(n int) fields {
	var list []fields
	for range n {
		list = append(list, button(fields{"callback_data": "x"}))
	}
	return keyboard(list...)
}

func commandList(n int) []fields {
	var list []fields
	for i := range n {
		list = append(list, fields{"command": "c" + strings.Repeat("x", i%9) + string(rune('a'+i%26)), "description": "d"})
	}
	return list
}

// limitCase is one limit: fields that are accepted and fields that are refused with a description.
type limitCase struct {
	name   string
	method string
	accept []fields
	refuse map[string][]fields
}

func limitCases() []limitCase {
	send := func(extra fields) fields { return merge(fields{"chat_id": amina, "text": "hello"}, extra) }
	markup := func(b fields) fields { return send(fields{"reply_markup": keyboard(b)}) }
	command := func(c, d string) fields { return fields{"commands": []fields{{"command": c, "description": d}}} }
	kind := func(extra fields) fields { return markup(button(extra)) }
	return []limitCase{
		{
			"text", "sendMessage",
			[]fields{send(fields{"text": strings.Repeat("x", 4096)}), send(fields{"text": strings.Repeat("😀", 2048)})},
			map[string][]fields{
				"message is too long":   {send(fields{"text": strings.Repeat("x", 4097)}), send(fields{"text": strings.Repeat("😀", 2048) + "x"})},
				"message text is empty": {send(fields{"text": ""}), send(fields{"text": " \n"}), {"chat_id": amina}},
			},
		},
		{
			"chat", "sendMessage",
			[]fields{send(fields{"chat_id": "71000001"}), send(fields{"chat_id": "@amina_dz"})},
			map[string][]fields{
				"chat not found":                     {send(fields{"chat_id": 5}), send(fields{"chat_id": "@nobody"})},
				"chat_id is empty":                   {{"text": "hello"}, send(fields{"chat_id": ""})},
				"wrong parameter chat_id in request": {send(fields{"chat_id": "amina"}), send(fields{"chat_id": 1.5})},
			},
		},
		{
			"parameters", "sendMessage",
			[]fields{send(fields{"protect_content": true, "disable_notification": "false"}), send(fields{"caption": nil, "entities": nil})},
			map[string][]fields{
				`unknown parameter "txt" of sendMessage`:     {send(fields{"txt": 1})},
				`unknown parameter "caption" of sendMessage`: {send(fields{"caption": "x"})},
				"wrong parameter protect_content in request": {send(fields{"protect_content": "maybe"})},
				"parameter parse_mode is not emulated":       {send(fields{"parse_mode": "HTML"})},
				"message thread not found":                   {send(fields{"message_thread_id": 7})},
				"message to be replied not found":            {send(fields{"reply_parameters": fields{"message_id": 999}})},
			},
		},
		{
			"reply", "sendMessage",
			[]fields{
				send(fields{"reply_parameters": fields{"message_id": 1}}),
				send(fields{"reply_parameters": fields{"message_id": 999, "allow_sending_without_reply": true}}),
			},
			nil,
		},
		{
			"callback data", "sendMessage",
			[]fields{kind(fields{"callback_data": strings.Repeat("x", 64)}), kind(fields{"callback_data": strings.Repeat("é", 32)})},
			map[string][]fields{
				"BUTTON_DATA_INVALID": {
					kind(fields{"callback_data": strings.Repeat("x", 65)}), kind(fields{"callback_data": strings.Repeat("é", 32) + "x"}),
					kind(fields{"callback_data": ""}),
				},
			},
		},
		{
			"copy text", "sendMessage",
			[]fields{kind(fields{"copy_text": fields{"text": strings.Repeat("é", 256)}})},
			map[string][]fields{
				"BUTTON_COPY_TEXT_INVALID": {
					kind(fields{"copy_text": fields{"text": strings.Repeat("x", 257)}}), kind(fields{"copy_text": fields{"text": ""}}),
				},
			},
		},
		{
			"kinds of buttons", "sendMessage",
			[]fields{
				kind(fields{"url": "https://example.org/a"}), kind(fields{"disabled": fields{}}), kind(fields{"callback_data": "a", "style": "danger"}),
				send(fields{"reply_markup": fields{"inline_keyboard": [][]fields{}}}), send(fields{"reply_markup": manyButtons(100)}),
				send(fields{"reply_markup": fields{"remove_keyboard": true}}),
			},
			map[string][]fields{
				"can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard": {markup(fields{"text": "a"})},
				"can't parse inline keyboard button: exactly one kind expected, found 2": {
					kind(fields{"callback_data": "a", "url": "https://example.org"}), kind(fields{"callback_data": "a", "switch_inline_query": ""}),
				},
				`can't parse inline keyboard button: field "text" must not be empty`: {markup(fields{"text": " ", "callback_data": "a"})},
				"can't parse inline keyboard button: unknown style":                  {kind(fields{"callback_data": "a", "style": "pink"})},
				`can't parse inline keyboard button: json: unknown field "callback"`: {markup(fields{"text": "a", "callback": "b"})},
				"inline keyboard button URL is invalid":                              {kind(fields{"url": "javascript:alert(1)"}), kind(fields{"url": "https://"})},
				"BUTTON_TYPE_INVALID":                                                {kind(fields{"pay": true})},
				"reply markup is too long":                                           {send(fields{"reply_markup": manyButtons(101)})},
				"can't parse reply keyboard markup JSON object: only inline keyboards are emulated": {
					send(fields{"reply_markup": fields{"keyboard": [][]string{{"a"}}}}),
				},
			},
		},
		{
			"callback answers", "answerCallbackQuery", nil,
			map[string][]fields{
				tooOld:             {{"callback_query_id": "12"}, {"callback_query_id": "12", "text": strings.Repeat("x", 200)}},
				"MESSAGE_TOO_LONG": {{"callback_query_id": "12", "text": strings.Repeat("x", 201)}},
			},
		},
		{
			"commands", "setMyCommands",
			[]fields{
				command("a", "d"), command(strings.Repeat("a", 32), strings.Repeat("é", 256)), command("a_1", "d"), {"commands": commandList(100)},
				merge(command("a", "d"), fields{"language_code": "fr", "scope": fields{"type": "chat", "chat_id": amina}}),
				merge(command("a", "d"), fields{"scope": fields{"type": "all_group_chats"}}),
			},
			map[string][]fields{
				"BOT_COMMAND_INVALID":             {command("", "d"), command("Start", "d"), command("a-b", "d"), command(strings.Repeat("a", 33), "d"), command("/a", "d")},
				"BOT_COMMAND_DESCRIPTION_INVALID": {command("a", ""), command("a", strings.Repeat("x", 257))},
				"BOT_COMMANDS_TOO_MUCH":           {{"commands": commandList(101)}},
				"invalid language code specified": {merge(command("a", "d"), fields{"language_code": "fra"}), merge(command("a", "d"), fields{"language_code": "FR"})},
				"chat not found":                  {merge(command("a", "d"), fields{"scope": fields{"type": "chat", "chat_id": 9}})},
				"can't parse BotCommandScope: unknown type": {
					merge(command("a", "d"), fields{"scope": fields{"type": "world"}}),
				},
			},
		},
		{
			"descriptions", "setMyDescription",
			[]fields{{"description": strings.Repeat("é", 512)}, {}},
			map[string][]fields{"description is too long": {{"description": strings.Repeat("x", 513)}}},
		},
		{
			"short descriptions", "setMyShortDescription",
			[]fields{{"short_description": strings.Repeat("é", 120), "language_code": "fr"}},
			map[string][]fields{"short description is too long": {{"short_description": strings.Repeat("x", 121)}}},
		},
		{
			"menu button", "setChatMenuButton",
			[]fields{{"menu_button": fields{"type": "commands"}}, {}, {"chat_id": amina, "menu_button": fields{"type": "default"}}},
			map[string][]fields{"can't parse MenuButton: unknown type": {{"menu_button": fields{"type": "big"}}}},
		},
		{
			"chat actions", "sendChatAction",
			[]fields{{"chat_id": amina, "action": "typing"}},
			map[string][]fields{"wrong parameter action in request": {{"chat_id": amina, "action": "dancing"}}},
		},
		{
			"deleteMessages", "deleteMessages",
			[]fields{{"chat_id": amina, "message_ids": []int{900}}, {"chat_id": amina, "message_ids": make([]int, 100)}},
			map[string][]fields{
				"message identifiers are not specified":                                              {{"chat_id": amina, "message_ids": []int{}}},
				"too many message identifiers specified":                                             {{"chat_id": amina, "message_ids": make([]int, 101)}},
				"message_ids is empty":                                                               {{"chat_id": amina}},
				`unknown parameter "ids" of deleteMessages`:                                          {{"chat_id": amina, "message_ids": []int{1}, "ids": 1}},
				"wrong parameter message_ids in request":                                             {{"chat_id": amina, "message_ids": "one"}},
				"can't parse message_ids: json: cannot unmarshal object into Go value of type []int": {{"chat_id": amina, "message_ids": fields{}}},
			},
		},
		{
			"webhook", "setWebhook",
			[]fields{{"url": ""}},
			map[string][]fields{
				"bad webhook: HTTPS URL must be provided for webhook": {{"url": "http://example.org/x"}, {"url": "ftp://127.0.0.1"}, {"url": "x"}},
				"secret token contains unallowed characters":          {{"url": "https://example.org", "secret_token": "a b"}},
				"secret token is too long":                            {{"url": "https://example.org", "secret_token": strings.Repeat("x", 257)}},
				"wrong parameter max_connections in request": {
					{"url": "https://example.org", "max_connections": 0}, {"url": "https://example.org", "max_connections": 101},
				},
				`unknown kind "mesage" in allowed_updates`: {{"url": "https://example.org", "allowed_updates": []string{"mesage"}}},
			},
		},
	}
}

func merge(a, b fields) fields {
	out := fields{}
	for _, m := range []fields{a, b} {
		maps.Copy(out, m)
	}
	return out
}

func TestLimits(t *testing.T) {
	for _, tc := range limitCases() {
		t.Run(tc.name, func(t *testing.T) {
			r := newChatRig(t, Options{})
			for _, params := range tc.accept {
				r.ok(tc.method, params)
			}
			shown := len(r.Messages(amina))
			for description, list := range tc.refuse {
				for _, params := range list {
					r.refused(tc.method, params, http.StatusBadRequest, bad("%s", description))
				}
			}
			if got := len(r.Messages(amina)); got != shown {
				t.Errorf("refused calls left %d messages", got-shown)
			}
		})
	}
}

func TestEntities(t *testing.T) {
	e := func(kind string, offset, length int) Entity {
		return Entity{Type: kind, Offset: offset, Length: length}
	}
	long := make([]Entity, 101)
	for i := range long {
		long[i] = e("bold", 0, 1)
	}
	tests := []struct {
		name string
		text string
		list []Entity
		want string // empty: accepted
	}{
		{"whole text", "hello", []Entity{e("spoiler", 0, 5)}, ""},
		{"emoji counts two", "😀ab", []Entity{e("bold", 2, 2)}, ""},
		{"beyond the end", "hello", []Entity{e("bold", 3, 3)}, "ENTITY_BOUNDS_INVALID"},
		{"far beyond", "hello", []Entity{e("bold", 1, 1<<62)}, "ENTITY_BOUNDS_INVALID"},
		{"before the start", "hello", []Entity{e("bold", -1, 2)}, "ENTITY_BOUNDS_INVALID"},
		{"empty", "hello", []Entity{e("bold", 1, 0)}, "ENTITY_BOUNDS_INVALID"},
		{"starts inside a pair", "😀ab", []Entity{e("bold", 1, 2)}, "ENTITY_BOUNDS_INVALID: inside a surrogate pair"},
		{"ends inside a pair", "a😀b", []Entity{e("bold", 0, 2)}, "ENTITY_BOUNDS_INVALID: inside a surrogate pair"},
		{"unknown type", "hello", []Entity{e("blink", 0, 1)}, `can't parse entities: unsupported type "blink"`},
		{"link without address", "hello", []Entity{e("text_link", 0, 1)}, "can't parse entities: text_link lacks its value"},
		{"bold in spoiler", "hello", []Entity{e("spoiler", 0, 5), e("bold", 1, 2)}, ""},
		{"same range", "hello", []Entity{e("spoiler", 0, 5), e("bold", 0, 5)}, ""},
		{"neighbors", "hello", []Entity{e("code", 0, 2), e("spoiler", 2, 3)}, ""},
		{"code in spoiler", "hello", []Entity{e("spoiler", 0, 5), e("code", 1, 2)}, "can't parse entities: spoiler and code can't be nested"},
		{"spoiler in pre", "hello", []Entity{e("pre", 0, 5), e("spoiler", 1, 2)}, "can't parse entities: pre and spoiler can't be nested"},
		{"code same as bold", "hello", []Entity{e("code", 0, 5), e("bold", 0, 5)}, "can't parse entities: code and bold can't be nested"},
		{"bold in quote", "hello", []Entity{e("blockquote", 0, 5), e("bold", 1, 2)}, ""},
		{"quote in quote", "hello", []Entity{e("blockquote", 0, 5), e("expandable_blockquote", 1, 2)}, "can't parse entities: blockquote and expandable_blockquote can't be nested"},
		{"link in spoiler", "hello", []Entity{e("spoiler", 0, 5), {Type: "text_link", Offset: 0, Length: 5, URL: "https://example.org"}}, ""},
		{"link in mention", "hello", []Entity{e("mention", 0, 5), e("url", 0, 5)}, "can't parse entities: mention and url can't be nested"},
		{"crossing", "hello", []Entity{e("bold", 0, 3), e("italic", 2, 3)}, "can't parse entities: bold and italic overlap"},
		{"too many", "hello", long, "too many entities"},
	}
	r := newChatRig(t, Options{})
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			params := fields{"chat_id": amina, "text": tc.text, "entities": tc.list}
			if tc.want != "" {
				r.refused("sendMessage", params, http.StatusBadRequest, bad("%s", tc.want))
				return
			}
			r.ok("sendMessage", params)
		})
	}
}
