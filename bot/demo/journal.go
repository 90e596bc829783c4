package demo

import (
	"slices"
	"strings"
	"time"
)

// journalLimit is how many calls the journal keeps; older ones are forgotten.
const journalLimit = 200_000

// Call is one line of the journal: what the bot asked and what it got. Calls of getUpdates are not kept.
type Call struct {
	At          time.Time  `json:"at"`
	Method      string     `json:"method"`
	ChatID      int64      `json:"chat_id,omitempty"`
	MessageID   int        `json:"message_id,omitempty"`  // of the message that was sent, edited or deleted
	MessageIDs  []int      `json:"message_ids,omitempty"` // of deleteMessages
	Receiver    int64      `json:"receiver,omitempty"`    // who alone sees that message
	QueryID     string     `json:"callback_query_id,omitempty"`
	Text        string     `json:"text,omitempty"` // text, caption or callback answer
	Entities    []Entity   `json:"entities,omitempty"`
	Keyboard    [][]Button `json:"keyboard,omitempty"`
	Protected   bool       `json:"protect_content,omitempty"`
	FileName    string     `json:"file_name,omitempty"`
	OK          bool       `json:"ok"`
	Code        int        `json:"error_code,omitempty"` // zero when OK or when the connection was cut
	Description string     `json:"description,omitempty"`
	Fault       FaultKind  `json:"fault,omitempty"`
}

// Kinds of reports.
const (
	// ReportLinkPreview: a protected message, or one that ever had a spoiler, has a URL in its text and previews are not disabled, so
	// Telegram's servers would fetch the address.
	ReportLinkPreview = "link_preview"
	// ReportAnsweredTwice: a callback query was answered more than once; only the first answer is seen.
	ReportAnsweredTwice = "answered_twice"
)

// Report is something the Bot API lets pass though it is a mistake.
type Report struct {
	At        time.Time `json:"at"`
	Kind      string    `json:"kind"`
	ChatID    int64     `json:"chat_id"`
	MessageID int       `json:"message_id"`
}

// Journal returns the calls of the bot, oldest first.
func (t *Telegram) Journal() []Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.journal)
}

// Reports returns what was noticed, oldest first.
func (t *Telegram) Reports() []Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.reports)
}

func (t *Telegram) report(kind string, chat int64, message int) {
	t.reports = append(t.reports, Report{At: t.now(), Kind: kind, ChatID: chat, MessageID: message})
}

// record writes the call into the journal, with its outcome.
func (c *call) record(fail *apiError, fault FaultKind) {
	if c.method.name == "getUpdates" {
		return
	}
	c.entry.OK, c.entry.Fault = fail == nil, fault
	if fail != nil {
		c.entry.Code, c.entry.Description = fail.code, fail.text
	}
	c.entry.QueryID = c.values["callback_query_id"]
	if c.entry.Text == "" {
		c.entry.Text = c.values["text"] + c.values["caption"]
	}
	if c.entry.MessageID == 0 {
		c.entry.MessageID = int(c.integer("message_id"))
	}
	c.entry.Protected = c.boolean("protect_content")
	t := c.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.journal) >= journalLimit {
		t.journal = slices.Clone(t.journal[journalLimit/10:])
	}
	t.journal = append(t.journal, c.entry)
	t.touch(nil)
}

// Version is one state of a message.
type Version struct {
	At         time.Time  `json:"at"`
	Text       string     `json:"text,omitempty"`
	Entities   []Entity   `json:"entities,omitempty"`
	Keyboard   [][]Button `json:"keyboard,omitempty"`
	FileName   string     `json:"file_name,omitempty"`
	FileID     string     `json:"file_id,omitempty"`
	content    []byte
	noPreviews bool
}

// Holds says whether s stands anywhere in the version: text, button labels, copy texts, callback data, addresses, file name or file content.
func (v Version) Holds(s string) bool {
	if strings.Contains(v.Text, s) || strings.Contains(v.FileName, s) || strings.Contains(string(v.content), s) {
		return true
	}
	for _, row := range v.Keyboard {
		for _, b := range row {
			copied := ""
			if b.CopyText != nil {
				copied = b.CopyText.Text
			}
			if slices.ContainsFunc([]string{b.Text, b.CallbackData, b.URL, copied}, func(in string) bool { return strings.Contains(in, s) }) {
				return true
			}
		}
	}
	for _, e := range v.Entities {
		if strings.Contains(e.URL, s) {
			return true
		}
	}
	return false
}

// History returns every message of a chat, deleted ones too, with all their versions, oldest first.
func (t *Telegram) History(chatID int64) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.chats[chatID]
	if c == nil {
		return nil
	}
	var list []Message
	for _, m := range c.messages {
		list = append(list, *m)
	}
	return list
}

// Holding returns every message of every chat, deleted ones too, any version of which held s.
func (t *Telegram) Holding(s string) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []Message
	for _, c := range t.chats {
		for _, m := range c.messages {
			if slices.ContainsFunc(m.Versions, func(v Version) bool { return v.Holds(s) }) {
				list = append(list, *m)
			}
		}
	}
	return list
}
