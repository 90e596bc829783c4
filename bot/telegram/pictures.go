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

// sendPicture sends an image or a document that lies at Telegram already.
func (s *sender) sendPicture(ctx context.Context, e errand, m message) (int, error) {
	id, file := 0, &models.InputFileString{Data: m.picture.File}
	if m.picture.Document {
		err := s.do(ctx, e, "sendDocument", func(ctx context.Context) error {
			made, err := s.api.SendDocument(ctx, &bot.SendDocumentParams{
				ChatID: e.chat, MessageThreadID: m.thread, Caption: m.text, CaptionEntities: m.entities, Document: file,
				ProtectContent: m.protect, ReplyMarkup: m.markup,
			})
			if err == nil {
				id = made.ID
			}
			return err
		})
		return id, err
	}
	err := s.do(ctx, e, "sendPhoto", func(ctx context.Context) error {
		made, err := s.api.SendPhoto(ctx, &bot.SendPhotoParams{
			ChatID: e.chat, MessageThreadID: m.thread, Caption: m.text, CaptionEntities: m.entities, Photo: file,
			ProtectContent: m.protect, ReplyMarkup: m.markup,
		})
		if err == nil {
			id = made.ID
		}
		return err
	})
	return id, err
}

// editCaption replaces the text and the buttons under a picture.
func (s *sender) editCaption(ctx context.Context, e errand, id int, m message) error {
	e.repeat = true
	err := s.do(ctx, e, "editMessageCaption", func(ctx context.Context) error {
		_, err := s.api.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
			ChatID: e.chat, MessageID: id, Caption: m.text, CaptionEntities: m.entities, ReplyMarkup: m.markup,
		})
		return err
	})
	if unchanged(err) {
		return nil
	}
	return err
}
