package telegram

import (
	"context"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// picture is the image of a message in its largest size, or a document that may stand for one; zero for neither. Only its ids are
// read: the file stays at Telegram.
func picture(m *models.Message) flows.Picture {
	if n := len(m.Photo); n > 0 {
		return flows.Picture{File: m.Photo[n-1].FileID, Unique: m.Photo[n-1].FileUniqueID}
	}
	if d := m.Document; d != nil && (strings.HasPrefix(d.MimeType, "image/") || d.MimeType == "application/pdf") {
		return flows.Picture{File: d.FileID, Unique: d.FileUniqueID, Document: true}
	}
	return flows.Picture{}
}

// sendPhoto sends an image: one that lies at Telegram already, or a new one.
func (s *sender) sendPhoto(ctx context.Context, e errand, m message, photo func() models.InputFile) (int, error) {
	return s.sent(ctx, e, "sendPhoto", func(ctx context.Context) (*models.Message, error) {
		return s.api.SendPhoto(ctx, &bot.SendPhotoParams{
			ChatID: e.chat, MessageThreadID: m.thread, Caption: m.text, CaptionEntities: m.entities,
			Photo: photo(), ProtectContent: m.protect, ReplyMarkup: m.markup,
		})
	})
}
