package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// errUpdate is an update that cannot be read at all: not even its id.
var errUpdate = errors.New("update cannot be read")

// maxTag is the longest language tag that is passed on.
const maxTag = 35

// arrival is one update, sorted: an input for the desk, a press that only has to be answered, or nothing to do.
type arrival struct {
	id    int64
	chat  int64 // whose lane it belongs to; 0 when nobody's
	query string
	pay   *flows.Paying // a payment that waits for a yes or no
	input *flows.Input  // nil: not for the desk
	note  string        // why not, for the log; of a closed set
	lost  bool          // it could not be read, which somebody should know
	right int64         // the group in which the bot's own rights changed; 0 for none
}

// arrive reads one raw update. A JSON object with an id but a body that cannot be read arrives as nothing to do, for it would
// come again for ever; without an id the error is errUpdate.
func arrive(raw []byte, username string) (arrival, error) {
	var head struct {
		ID *int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.ID == nil {
		return arrival{}, errUpdate
	}
	a := arrival{id: *head.ID}
	var u models.Update
	if err := json.Unmarshal(raw, &u); err != nil {
		a.note, a.lost = fmt.Sprintf("unreadable (%T)", err), true
		return a, nil
	}
	switch {
	case u.Message != nil && (u.Message.MigrateToChatID != 0 || u.Message.MigrateFromChatID != 0):
		a.moved(u.Message)
	case u.Message != nil && u.Message.SuccessfulPayment != nil:
		a.paid(u.Message)
	case u.PreCheckoutQuery != nil:
		a.checkout(u.PreCheckoutQuery)
	case u.Message != nil:
		a.message(u.Message, username)
	case u.CallbackQuery != nil:
		a.press(u.CallbackQuery)
	case u.MyChatMember != nil:
		a.membership(u.MyChatMember)
	default:
		a.note = "kind not handled"
	}
	return a, nil
}

// moved takes the two messages about a group that became a supergroup, one in the former chat and one in the new one. Each
// goes through the lane of its own chat, so that no later command there comes before it.
func (a *arrival) moved(m *models.Message) {
	a.chat = m.Chat.ID
	from, to := m.Chat.ID, m.MigrateToChatID
	if to == 0 {
		from, to = m.MigrateFromChatID, m.Chat.ID
	}
	if from >= 0 || to >= 0 {
		a.note = "chat of another kind"
		return
	}
	a.input = &flows.Input{Update: a.id, Chat: from, To: to, Change: flows.ChatMoved}
}

// membership takes a person's blocking of the bot, and the end of it; of a group it notes that the bot may do other things there now.
func (a *arrival) membership(m *models.ChatMemberUpdated) {
	a.note = "membership " + string(m.NewChatMember.Type)
	if private, known := kind(m.Chat, m.From.ID); !private {
		if known {
			a.right = m.Chat.ID
		}
		return
	}
	in := flows.Input{Update: a.id, Chat: m.Chat.ID, Private: true, User: m.From.ID, Change: flows.ChatOpen}
	switch m.NewChatMember.Type {
	case models.ChatMemberTypeBanned:
		in.Change = flows.ChatShut
	case models.ChatMemberTypeMember:
	default:
		return
	}
	a.chat, a.input, a.note = m.Chat.ID, &in, ""
}

// message takes texts of people in private chats, and commands for us in groups.
func (a *arrival) message(m *models.Message, username string) {
	a.chat = m.Chat.ID
	veiled := anonymous(m)
	if a.note = foreign(m); a.note != "" && !veiled {
		return
	}
	a.note = ""
	private, known := kind(m.Chat, m.From.ID)
	if !known {
		a.note = "chat of another kind"
		return
	}
	in := flows.Input{
		Update: a.id, Chat: m.Chat.ID, Private: private, Thread: thread(m), User: m.From.ID, Name: fullName(m.From),
		Language: language(m.From), Text: m.Text, Message: m.ID, Picture: picture(m),
	}
	if in.Picture.File != "" {
		in.Text = m.Caption
	}
	if private {
		in.About = about(m)
	}
	name, bot, rest, isCommand := command(m.Text)
	switch {
	case isCommand && bot != "" && !strings.EqualFold(bot, username):
		a.note = "command of another bot"
		return
	case isCommand: // never a caption: a command has no picture
		in.Command, in.Text, in.Direct, in.Veiled, in.Replied = name, rest, bot != "", veiled, repliedTo(m)
	case !private:
		a.note = "group talk"
		return
	}
	a.input = &in
}

// repliedTo is the person whose own message a message replies to; 0 for none, and for a bot's or a chat's.
func repliedTo(m *models.Message) int64 {
	r := m.ReplyToMessage
	if r == nil || r.From == nil || r.From.IsBot || r.SenderChat != nil || r.Chat.ID != m.Chat.ID {
		return 0
	}
	return r.From.ID
}

// groupAnonymousBot is the user in whose name the anonymous admins of all groups write: it is nobody's id.
const groupAnonymousBot = 1087968824

// anonymous tells whether an admin of a group wrote as the group, and nothing else keeps the message from being their own word.
func anonymous(m *models.Message) bool {
	if m.From == nil || m.From.ID != groupAnonymousBot || m.SenderChat == nil || m.SenderChat.ID != m.Chat.ID {
		return false
	}
	own, from := *m, *m.From
	from.IsBot = false
	own.From, own.SenderChat = &from, nil
	return foreign(&own) == ""
}

// foreign says why a message is not a person's own word to us; empty when it is. Forwarded texts are never commands, anonymous
// admins of all groups share one id, and business and guest messages live in other people's chats whose ids may equal ours.
func foreign(m *models.Message) string {
	switch {
	case m.From == nil || m.From.ID <= 0:
		return "no sender"
	case m.SenderChat != nil:
		return "sent as a chat"
	case m.From.IsBot:
		return "sent by a bot"
	case m.ForwardOrigin != nil || m.IsAutomaticForward:
		return "forwarded"
	case m.ViaBot != nil:
		return "sent via a bot"
	case m.BusinessConnectionID != "" || m.SenderBusinessBot != nil:
		return "business message"
	case m.GuestQueryID != "" || m.GuestBotCallerUser != nil || m.GuestBotCallerChat != nil:
		return "guest message"
	case m.EphemeralMessageID != 0:
		return "ephemeral message"
	case m.EditDate != 0:
		return "edited"
	case strings.TrimSpace(m.Text) == "" && picture(m).File == "":
		return "no text"
	}
	return ""
}

// press takes a pressed button. The message may be inaccessible to us by now: its ids are enough.
func (a *arrival) press(q *models.CallbackQuery) {
	a.query, a.note = q.ID, "press without a place"
	in := flows.Input{
		Update: a.id, User: q.From.ID, Name: fullName(&q.From), Language: language(&q.From), Button: q.Data,
	}
	var chat models.Chat
	switch {
	case q.Message.Message != nil:
		m := q.Message.Message
		chat, in.Message, in.Thread = m.Chat, m.ID, thread(m)
		if m.BusinessConnectionID != "" || !heard(m, q.From.ID) {
			return
		}
		if in.Whisper = m.EphemeralMessageID; in.Whisper != 0 {
			in.Message = 0
		}
	case q.Message.InaccessibleMessage != nil:
		chat, in.Message = q.Message.InaccessibleMessage.Chat, q.Message.InaccessibleMessage.MessageID
	default:
		return
	}
	a.chat, in.Chat = chat.ID, chat.ID
	known := false
	in.Private, known = kind(chat, q.From.ID)
	switch {
	case chat.ID == 0 || q.From.ID <= 0 || q.From.IsBot:
		return
	case !known:
		a.note = "chat of another kind"
		return
	case q.Data == "" || len(q.Data) > maxData:
		a.note = "press without data"
		return
	}
	a.input, a.note = &in, ""
}

// heard tells whether who pressed can have seen the message: one that a single member of a group sees is pressed by nobody else.
func heard(m *models.Message, user int64) bool {
	if m.EphemeralMessageID == 0 {
		return true
	}
	return m.EphemeralMessageID > 0 && (m.ReceiverUser == nil || m.ReceiverUser.ID == user) &&
		(m.Chat.Type == models.ChatTypeGroup || m.Chat.Type == models.ChatTypeSupergroup)
}

// command reads "/name@bot rest". Clients put the name of the bot in groups; names compare without case. A text that begins
// with a slash but holds no command name is a text.
func command(text string) (name, bot, rest string, ok bool) {
	body, found := strings.CutPrefix(text, "/")
	if !found {
		return "", "", "", false
	}
	word := body
	if i := strings.IndexFunc(body, unicode.IsSpace); i >= 0 {
		word, rest = body[:i], strings.TrimSpace(body[i:])
	}
	word, bot, _ = strings.Cut(word, "@")
	if len(word) == 0 || len(word) > 64 {
		return "", "", "", false
	}
	for _, r := range word {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return "", "", "", false
		}
	}
	return strings.ToLower(word), bot, rest, true
}

// kind tells whether a chat is the person's private one; known is false for a chat that is neither that nor a group.
func kind(c models.Chat, user int64) (private, known bool) {
	switch c.Type {
	case models.ChatTypePrivate:
		return c.ID == user, c.ID == user
	case models.ChatTypeGroup, models.ChatTypeSupergroup:
		return false, c.ID < 0
	}
	return false, false
}

func thread(m *models.Message) int {
	if m.IsTopicMessage {
		return m.MessageThreadID
	}
	return 0
}

func fullName(u *models.User) string {
	return clip(strings.TrimSpace(u.FirstName+" "+u.LastName), 128)
}

func language(u *models.User) string {
	if len(u.LanguageCode) > maxTag {
		return ""
	}
	return u.LanguageCode
}
