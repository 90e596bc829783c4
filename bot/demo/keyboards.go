package demo

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Button is InlineKeyboardButton of the Bot API; exactly one kind is set.
type Button struct {
	Text         string          `json:"text"`
	IconID       string          `json:"icon_custom_emoji_id,omitempty"`
	Style        string          `json:"style,omitempty"` // danger, success, primary or empty
	CallbackData string          `json:"callback_data,omitempty"`
	URL          string          `json:"url,omitempty"`
	CopyText     *CopyText       `json:"copy_text,omitempty"`
	WebApp       json.RawMessage `json:"web_app,omitempty"`
	LoginURL     json.RawMessage `json:"login_url,omitempty"`
	Inline       *string         `json:"switch_inline_query,omitempty"`
	InlineHere   *string         `json:"switch_inline_query_current_chat,omitempty"`
	InlineChosen json.RawMessage `json:"switch_inline_query_chosen_chat,omitempty"`
	Game         json.RawMessage `json:"callback_game,omitempty"`
	Pay          bool            `json:"pay,omitempty"`
	Disabled     *struct{}       `json:"disabled,omitempty"`
}

// CopyText is what a copy button puts into the clipboard.
type CopyText struct {
	Text string `json:"text"`
}

// Limits of keyboards.
const (
	maxCallbackData = 64  // bytes
	maxCopyText     = 256 // characters
	maxButtons      = 100
)

// markup is what reply_markup may carry.
type markup struct {
	keyboard [][]Button
	other    bool // remove_keyboard or force_reply: such a message cannot be edited
}

// markup reads reply_markup; in an edit only an inline keyboard is allowed.
func (c *call) markup(edit bool) (markup, *apiError) {
	var fields map[string]json.RawMessage
	given, fail := c.object("reply_markup", &fields)
	if !given || fail != nil {
		return markup{}, fail
	}
	rows, inline := fields["inline_keyboard"]
	if !inline {
		return otherMarkup(fields, edit)
	}
	for name := range fields {
		if name != "inline_keyboard" && name != "force_reply" {
			return markup{}, badRequest("can't parse reply keyboard markup JSON object: unknown field %q", name)
		}
	}
	keyboard, fail := parseKeyboard(rows)
	c.entry.Keyboard = keyboard
	return markup{keyboard: keyboard}, fail
}

// otherMarkup reads remove_keyboard and force_reply. Reply keyboards are refused: the emulated clients do not draw them.
func otherMarkup(fields map[string]json.RawMessage, edit bool) (markup, *apiError) {
	if edit {
		return markup{}, badRequest("inline keyboard expected")
	}
	main := ""
	for _, name := range []string{"remove_keyboard", "force_reply"} {
		if _, ok := fields[name]; ok {
			main = name
		}
	}
	if _, ok := fields["keyboard"]; ok || main == "" {
		return markup{}, badRequest("can't parse reply keyboard markup JSON object: only inline keyboards are emulated")
	}
	for name := range fields {
		if name != main && name != "selective" && (name != "input_field_placeholder" || main != "force_reply") {
			return markup{}, badRequest("can't parse reply keyboard markup JSON object: unknown field %q", name)
		}
	}
	return markup{other: true}, nil
}

func parseKeyboard(raw json.RawMessage) ([][]Button, *apiError) {
	var rows [][]json.RawMessage
	if err := strictJSON(raw, &rows); err != nil {
		return nil, badRequest("can't parse inline keyboard: array of arrays expected")
	}
	var keyboard [][]Button
	count := 0
	for _, row := range rows {
		var buttons []Button
		for _, raw := range row {
			b, fail := parseButton(raw)
			if fail != nil {
				return nil, fail
			}
			buttons = append(buttons, b)
		}
		if count += len(row); count > maxButtons {
			return nil, badRequest("reply markup is too long")
		}
		if len(buttons) > 0 {
			keyboard = append(keyboard, buttons)
		}
	}
	return keyboard, nil
}

func parseButton(raw json.RawMessage) (Button, *apiError) {
	var b Button
	var fields map[string]json.RawMessage
	if err := strictJSON(raw, &b); err != nil {
		return b, badRequest("can't parse inline keyboard button: %v", err)
	}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return b, badRequest("can't parse inline keyboard button: %v", err)
	}
	kinds := 0
	for name := range fields {
		if name != "text" && name != "style" && name != "icon_custom_emoji_id" {
			kinds++
		}
	}
	switch {
	case strings.TrimSpace(b.Text) == "":
		return b, badRequest("can't parse inline keyboard button: field \"text\" must not be empty")
	case kinds == 0:
		return b, badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	case kinds > 1:
		return b, badRequest("can't parse inline keyboard button: exactly one kind expected, found %d", kinds)
	case !slices.Contains([]string{"", "danger", "success", "primary"}, b.Style):
		return b, badRequest("can't parse inline keyboard button: unknown style")
	}
	return b, checkKind(b, fields)
}

// checkKind holds the value of the button's one kind to its limits.
func checkKind(b Button, fields map[string]json.RawMessage) *apiError {
	_, isData := fields["callback_data"]
	_, isURL := fields["url"]
	switch {
	case isData && (b.CallbackData == "" || len(b.CallbackData) > maxCallbackData):
		return badRequest("BUTTON_DATA_INVALID")
	case isURL:
		u, err := url.Parse(b.URL)
		if err != nil || !slices.Contains([]string{"http", "https", "tg"}, u.Scheme) || (u.Host == "" && u.Opaque == "") {
			return badRequest("inline keyboard button URL is invalid")
		}
	case fields["copy_text"] != nil:
		if b.CopyText == nil || b.CopyText.Text == "" || utf8.RuneCountInString(b.CopyText.Text) > maxCopyText {
			return badRequest("BUTTON_COPY_TEXT_INVALID")
		}
	case fields["pay"] != nil || fields["callback_game"] != nil:
		return badRequest("BUTTON_TYPE_INVALID")
	}
	return nil
}
