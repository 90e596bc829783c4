package demo

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Lengths in characters.
const (
	maxDescription      = 512
	maxShortDescription = 120
)

// setDescription answers setMyDescription; an empty text removes it.
func (t *Telegram) setDescription(c *call) (any, *apiError) {
	return t.describe(c, "description", maxDescription, t.face.descriptions)
}

// setShortDescription answers setMyShortDescription.
func (t *Telegram) setShortDescription(c *call) (any, *apiError) {
	return t.describe(c, "short_description", maxShortDescription, t.face.shorts)
}

func (t *Telegram) describe(c *call, name string, limit int, into map[string]string) (any, *apiError) {
	language, fail := c.language()
	if fail != nil {
		return nil, fail
	}
	text := c.values[name]
	if utf8.RuneCountInString(text) > limit {
		return nil, badRequest("%s is too long", strings.ReplaceAll(name, "_", " "))
	}
	into[language] = text
	t.touchAll()
	return true, nil
}

// Description returns the bot's description for a language, which an empty chat shows, and its short description.
func (t *Telegram) Description(language string) (text, short string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.described(t.face.descriptions, language), t.described(t.face.shorts, language)
}

func (t *Telegram) described(texts map[string]string, language string) string {
	if text := texts[language]; text != "" {
		return text
	}
	return texts[""]
}

// setMenuButton answers setChatMenuButton, for one private chat or for all of them.
func (t *Telegram) setMenuButton(c *call) (any, *apiError) {
	button := map[string]json.RawMessage{"type": json.RawMessage(`"default"`)}
	if given, fail := c.object("menu_button", &button); fail != nil {
		return nil, fail
	} else if given && button == nil {
		return nil, badRequest("can't parse MenuButton")
	}
	var kind string
	if err := json.Unmarshal(button["type"], &kind); err != nil {
		return nil, badRequest("can't parse MenuButton")
	}
	fields := 1
	switch kind {
	case "default", "commands":
	case "web_app":
		fields = 3
	default:
		return nil, badRequest("can't parse MenuButton: unknown type")
	}
	if len(button) != fields {
		return nil, badRequest("can't parse MenuButton: wrong fields for %s", kind)
	}
	var chatID int64
	if c.values["chat_id"] != "" {
		ch, fail := c.chat()
		if fail != nil {
			return nil, fail
		}
		if ch.kind != chatPrivate {
			return nil, badRequest("chat must be private")
		}
		chatID = ch.id
	}
	t.face.menus[chatID] = kind
	t.touchAll()
	return true, nil
}

// MenuButton returns the type of the button beside the input field of a private chat: commands, web_app or default.
func (t *Telegram) MenuButton(chatID int64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.menuFor(chatID)
}

func (t *Telegram) menuFor(chatID int64) string {
	for _, id := range []int64{chatID, 0} {
		if kind := t.face.menus[id]; kind != "" {
			return kind
		}
	}
	return "default"
}
