package demo

// wireMessage is Message of the Bot API, as far as the emulator fills it.
type wireMessage struct {
	ID              int            `json:"message_id"`
	ThreadID        int            `json:"message_thread_id,omitempty"`
	IsTopic         bool           `json:"is_topic_message,omitempty"`
	From            *User          `json:"from,omitempty"`
	SenderChat      *wireChat      `json:"sender_chat,omitempty"`
	Receiver        *User          `json:"receiver_user,omitempty"`
	EphemeralID     int            `json:"ephemeral_message_id,omitempty"`
	Date            int64          `json:"date"`
	EditDate        int64          `json:"edit_date,omitempty"`
	Chat            wireChat       `json:"chat"`
	Origin          *wireOrigin    `json:"forward_origin,omitempty"`
	ReplyTo         *wireMessage   `json:"reply_to_message,omitempty"`
	Protected       bool           `json:"has_protected_content,omitempty"`
	Text            string         `json:"text,omitempty"`
	Entities        []Entity       `json:"entities,omitempty"`
	Preview         map[string]any `json:"link_preview_options,omitempty"`
	Caption         string         `json:"caption,omitempty"`
	CaptionEntities []Entity       `json:"caption_entities,omitempty"`
	Document        *wireDocument  `json:"document,omitempty"`
	Photo           []wirePhoto    `json:"photo,omitempty"`
	MediaSpoiler    bool           `json:"has_media_spoiler,omitempty"`
	Invoice         *Invoice       `json:"invoice,omitempty"`
	Paid            map[string]any `json:"successful_payment,omitempty"`
	MovedTo         int64          `json:"migrate_to_chat_id,omitempty"`
	MovedFrom       int64          `json:"migrate_from_chat_id,omitempty"`
	Markup          *wireMarkup    `json:"reply_markup,omitempty"`
}

type wireMarkup struct {
	Keyboard [][]Button `json:"inline_keyboard"`
}

type wireDocument struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Name     string `json:"file_name,omitempty"`
	MIME     string `json:"mime_type,omitempty"`
	Size     int    `json:"file_size"`
}

type wirePhoto struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Size     int    `json:"file_size"`
}

// wire shows m to the bot, with the message it replies to; the caller holds the lock.
func (t *Telegram) wire(m *Message) *wireMessage {
	w := t.wireAlone(m)
	if target := t.chats[m.ChatID].byID[m.ReplyTo]; target != nil && !target.Deleted {
		w.ReplyTo = t.wireAlone(target)
	}
	return w
}

func (t *Telegram) wireAlone(m *Message) *wireMessage {
	from := t.userOf(m.From)
	w := &wireMessage{
		ID: m.ID, ThreadID: m.ThreadID, IsTopic: m.ThreadID != 0, From: &from, Date: m.Date.Unix(), Chat: t.wireChat(t.chats[m.ChatID]),
		Origin: m.origin, Protected: m.Protected, MediaSpoiler: m.Spoiler, MovedTo: m.movedTo, MovedFrom: m.movedFrom,
		Invoice: m.Invoice, Paid: m.paid,
	}
	if m.Receiver != 0 {
		to := t.userOf(m.Receiver)
		w.ID, w.EphemeralID, w.Receiver = 0, -m.ID, &to
	}
	if m.SenderChat != 0 {
		sender := t.wireChat(t.chats[m.SenderChat])
		w.SenderChat = &sender
	}
	if !m.Edited.IsZero() {
		w.EditDate = m.Edited.Unix()
	}
	if len(m.Keyboard) > 0 {
		w.Markup = &wireMarkup{Keyboard: m.Keyboard}
	}
	switch f := m.file(); {
	case m.Invoice != nil:
		w.Markup = nil
		return w
	case f == nil:
		w.Text, w.Entities = m.Text, m.Entities
		if m.noPreview {
			w.Preview = map[string]any{"is_disabled": true}
		}
		return w
	case m.Photo != nil:
		w.Photo = []wirePhoto{{ID: f.ID, UniqueID: f.unique(), Width: f.Width, Height: f.Height, Size: f.Size}}
	default:
		w.Document = &wireDocument{ID: f.ID, UniqueID: f.unique(), Name: f.Name, MIME: f.MIME, Size: f.Size}
	}
	w.Caption, w.CaptionEntities = m.Text, m.Entities
	return w
}
