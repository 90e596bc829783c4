package demo

import (
	"errors"
	"io"
	"net/http"
	"unicode/utf8"
)

// ErrBadPicture is a picture that the server would not take.
var ErrBadPicture = errors.New("picture cannot be read")

// SendPicture sends a photo of a user to a chat, with a caption that may be empty. It fails as Say, and with ErrBadPicture.
func (t *Telegram) SendPicture(chatID, user int64, content []byte, caption string) (Message, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.room(chatID, user)
	if err != nil {
		return Message{}, err
	}
	if utf16Len(caption) > maxCaption || !utf8.ValidString(caption) {
		return Message{}, ErrBadText
	}
	file, fail := t.store(&upload{name: "photo", content: content}, mediaPhoto)
	if fail != nil {
		return Message{}, ErrBadPicture
	}
	return t.utter(c, user, &Message{Text: caption, Entities: []Entity{}, Photo: file}), nil
}

// servePicture takes a picture from the page: the image is the body, chat, user and caption are in the query.
func (t *Telegram) servePicture(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPhoto))
	if err != nil {
		writeClient(w, nil, ErrBadPicture)
		return
	}
	q := r.URL.Query()
	m, err := t.SendPicture(number(q, "chat"), number(q, "user"), content, q.Get("caption"))
	writeClient(w, m, err)
}
