package demo

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// maxCommands is how many commands one scope may have.
const maxCommands = 100

// Command is BotCommand of the Bot API.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
	IsEphemeral bool   `json:"is_ephemeral,omitempty"`
}

// face is how the bot presents itself: commands by scope and language, descriptions by language, menu buttons by chat.
type face struct {
	commands     map[string][]Command
	descriptions map[string]string
	shorts       map[string]string
	menus        map[int64]string
}

func newFace() face {
	return face{
		commands: map[string][]Command{}, descriptions: map[string]string{}, shorts: map[string]string{}, menus: map[int64]string{},
	}
}

// scope reads scope and language_code into one key.
func (c *call) scope() (string, *apiError) {
	var s struct {
		Type   string `json:"type"`
		ChatID any    `json:"chat_id"`
		UserID int64  `json:"user_id"`
	}
	s.Type = "default"
	if _, fail := c.object("scope", &s); fail != nil {
		return "", fail
	}
	language, fail := c.language()
	if fail != nil {
		return "", fail
	}
	needsChat := slices.Contains([]string{"chat", "chat_administrators", "chat_member"}, s.Type)
	plain := slices.Contains([]string{"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}, s.Type)
	if !needsChat && !plain {
		return "", badRequest("can't parse BotCommandScope: unknown type")
	}
	if needsChat != (s.ChatID != nil) || (s.Type == "chat_member") != (s.UserID != 0) {
		return "", badRequest("can't parse BotCommandScope: wrong fields for %s", s.Type)
	}
	if !needsChat {
		return scopeKey(s.Type, 0, 0, language), nil
	}
	switch id := s.ChatID.(type) {
	case float64:
		c.values["chat_id"] = fmt.Sprintf("%.0f", id)
	case string:
		c.values["chat_id"] = id
	}
	ch, fail := c.chat()
	if fail != nil {
		return "", fail
	}
	if s.Type != "chat" && ch.kind == chatPrivate {
		return "", badRequest("can't change commands of a private chat by scope %s", s.Type)
	}
	return scopeKey(s.Type, ch.id, s.UserID, language), nil
}

func scopeKey(kind string, chat, user int64, language string) string {
	return fmt.Sprintf("%s/%d/%d/%s", kind, chat, user, language)
}

// language reads language_code: two letters, or empty for every language without its own text.
func (c *call) language() (string, *apiError) {
	code := c.values["language_code"]
	if code != "" && (len(code) != 2 || leadingLower(code) != 2) {
		return "", badRequest("invalid language code specified")
	}
	return code, nil
}

func leadingLower(s string) int {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return i
		}
	}
	return len(s)
}

// setCommands answers setMyCommands.
func (t *Telegram) setCommands(c *call) (any, *apiError) {
	var list []Command
	if _, fail := c.object("commands", &list); fail != nil {
		return nil, fail
	}
	if len(list) > maxCommands {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, cmd := range list {
		if !commandName(cmd.Command) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(cmd.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	key, fail := c.scope()
	if fail != nil {
		return nil, fail
	}
	t.face.commands[key] = list
	t.touchAll()
	return true, nil
}

func commandName(s string) bool {
	for _, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 32
}

// getCommands answers getMyCommands: exactly this scope and language, an empty list when nothing is set.
func (t *Telegram) getCommands(c *call) (any, *apiError) {
	key, fail := c.scope()
	if fail != nil {
		return nil, fail
	}
	return append([]Command{}, t.face.commands[key]...), nil
}

// deleteCommands answers deleteMyCommands.
func (t *Telegram) deleteCommands(c *call) (any, *apiError) {
	key, fail := c.scope()
	if fail != nil {
		return nil, fail
	}
	delete(t.face.commands, key)
	t.touchAll()
	return true, nil
}

// Commands returns the commands that a user is offered in a chat: the narrowest scope wins, in it the user's language before none.
func (t *Telegram) Commands(chatID, user int64) []Command {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.commandsFor(chatID, user)
}

func (t *Telegram) commandsFor(chatID, user int64) []Command {
	ch := t.chats[chatID]
	if ch == nil {
		return nil
	}
	language := t.userOf(user).LanguageCode
	if len(language) > 2 {
		language = language[:2]
	}
	for _, scope := range t.scopesFor(ch, user) {
		for _, code := range []string{language, ""} {
			if list := t.face.commands[fmt.Sprintf("%s/%s", scope, code)]; list != nil {
				return slices.Clone(list)
			}
		}
	}
	return nil
}

// scopesFor lists the scopes that reach a user in a chat, narrowest first. Source: BotCommandScope, "Determining list of commands".
func (t *Telegram) scopesFor(ch *chat, user int64) []string {
	chat := fmt.Sprintf("chat/%d/0", ch.id)
	if ch.kind == chatPrivate {
		return []string{chat, "all_private_chats/0/0", "default/0/0"}
	}
	scopes := []string{fmt.Sprintf("chat_member/%d/%d", ch.id, user)}
	if ch.admin(user) {
		scopes = append(scopes, fmt.Sprintf("chat_administrators/%d/0", ch.id))
	}
	scopes = append(scopes, chat)
	if ch.admin(user) {
		scopes = append(scopes, "all_chat_administrators/0/0")
	}
	return append(scopes, "all_group_chats/0/0", "default/0/0")
}
