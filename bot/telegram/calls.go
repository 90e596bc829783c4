package telegram

import (
	"bytes"
	"context"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// message is what a chat shall hold after a call.
type message struct {
	thread   int
	text     string
	entities []models.MessageEntity
	markup   models.ReplyMarkup
	protect  bool
	file     *attachment   // set: a document, text is its caption
	picture  flows.Picture // set: it lies at Telegram already, text is its caption
}

type attachment struct {
	name string
	data []byte
}

func noPreview() *models.LinkPreviewOptions {
	return &models.LinkPreviewOptions{IsDisabled: bot.True()}
}

// send makes a new message and returns its id.
func (s *sender) send(ctx context.Context, e errand, m message) (int, error) {
	e.lot, e.repeat = lotSend, false
	if m.file != nil {
		return s.sendFile(ctx, e, m)
	}
	if m.picture.File != "" {
		return s.sendPicture(ctx, e, m)
	}
	id := 0
	err := s.do(ctx, e, "sendMessage", func(ctx context.Context) error {
		made, err := s.api.SendMessage(ctx, &bot.SendMessageParams{
			ChatID: e.chat, MessageThreadID: m.thread, Text: m.text, Entities: m.entities,
			LinkPreviewOptions: noPreview(), ProtectContent: m.protect, ReplyMarkup: m.markup,
		})
		if err == nil {
			id = made.ID
		}
		return err
	})
	return id, err
}

func (s *sender) sendFile(ctx context.Context, e errand, m message) (int, error) {
	id := 0
	err := s.do(ctx, e, "sendDocument", func(ctx context.Context) error {
		made, err := s.api.SendDocument(ctx, &bot.SendDocumentParams{
			ChatID: e.chat, MessageThreadID: m.thread, Caption: m.text, CaptionEntities: m.entities,
			Document:       &models.InputFileUpload{Filename: m.file.name, Data: bytes.NewReader(m.file.data)},
			ProtectContent: m.protect, ReplyMarkup: m.markup,
		})
		if err == nil {
			id = made.ID
		}
		return err
	})
	return id, err
}

// edit replaces the content of a message. An edit that would change nothing is a success: it was applied before.
func (s *sender) edit(ctx context.Context, e errand, id int, m message) error {
	if m.picture.File != "" {
		return s.editCaption(ctx, e, id, m)
	}
	e.repeat = true
	method, call := "editMessageText", func(ctx context.Context) error {
		_, err := s.api.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: e.chat, MessageID: id, Text: m.text, Entities: m.entities,
			LinkPreviewOptions: noPreview(), ReplyMarkup: m.markup,
		})
		return err
	}
	if m.file != nil {
		method, call = "editMessageMedia", func(ctx context.Context) error {
			_, err := s.api.EditMessageMedia(ctx, &bot.EditMessageMediaParams{
				ChatID: e.chat, MessageID: id, ReplyMarkup: m.markup,
				Media: &models.InputMediaDocument{
					Media: "attach://" + m.file.name, Caption: m.text, CaptionEntities: m.entities,
					MediaAttachment: bytes.NewReader(m.file.data), // a consumed reader would send an empty file
				},
			})
			return err
		}
	}
	err := s.do(ctx, e, method, call)
	if unchanged(err) {
		return nil
	}
	return err
}

// remove deletes one message. A message that is not there is a success.
func (s *sender) remove(ctx context.Context, e errand, id int) error {
	e.rank, e.lot, e.repeat = rankDelete, lotDelete, true
	err := s.do(ctx, e, "deleteMessage", func(ctx context.Context) error {
		_, err := s.api.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: e.chat, MessageID: id})
		return err
	})
	if missing(err) {
		return nil
	}
	return err
}

// answer ends the spinner of a pressed button. A query that is too old needs no answer any more.
func (s *sender) answer(ctx context.Context, e errand, query, text string, modal bool) error {
	e.lot, e.repeat = lotAnswer, true
	err := s.do(ctx, e, "answerCallbackQuery", func(ctx context.Context) error {
		_, err := s.api.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{
			CallbackQueryID: query, Text: text, ShowAlert: modal && text != "",
		})
		return err
	})
	if says(err, "query is too old", "query ID is invalid") {
		return nil
	}
	return err
}
