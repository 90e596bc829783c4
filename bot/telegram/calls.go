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
	name  string
	data  []byte
	photo bool
}

func noPreview() *models.LinkPreviewOptions {
	return &models.LinkPreviewOptions{IsDisabled: bot.True()}
}

// send makes a new message and returns its id.
func (s *sender) send(ctx context.Context, e errand, m message) (int, error) {
	e.lot, e.repeat = lotSend, false
	switch {
	case m.file != nil && m.file.photo:
		return s.sendPhoto(ctx, e, m, func() models.InputFile {
			return &models.InputFileUpload{Filename: m.file.name, Data: bytes.NewReader(m.file.data)}
		})
	case m.file != nil:
		return s.sendDocument(ctx, e, m, func() models.InputFile { // a new reader for each try: a consumed one would send an empty file
			return &models.InputFileUpload{Filename: m.file.name, Data: bytes.NewReader(m.file.data)}
		})
	case m.picture.Document:
		return s.sendDocument(ctx, e, m, func() models.InputFile { return &models.InputFileString{Data: m.picture.File} })
	case m.picture.File != "":
		return s.sendPhoto(ctx, e, m, func() models.InputFile { return &models.InputFileString{Data: m.picture.File} })
	}
	return s.sent(ctx, e, "sendMessage", func(ctx context.Context) (*models.Message, error) {
		return s.api.SendMessage(ctx, &bot.SendMessageParams{
			ChatID: e.chat, MessageThreadID: m.thread, Text: m.text, Entities: m.entities,
			LinkPreviewOptions: noPreview(), ProtectContent: m.protect, ReplyMarkup: m.markup,
		})
	})
}

// sent makes a call that makes a message, and returns the message's id.
func (s *sender) sent(ctx context.Context, e errand, method string, call func(context.Context) (*models.Message, error)) (int, error) {
	id := 0
	err := s.do(ctx, e, method, func(ctx context.Context) error {
		made, err := call(ctx)
		if err == nil {
			id = made.ID
		}
		return err
	})
	return id, err
}

func (s *sender) sendDocument(ctx context.Context, e errand, m message, document func() models.InputFile) (int, error) {
	return s.sent(ctx, e, "sendDocument", func(ctx context.Context) (*models.Message, error) {
		return s.api.SendDocument(ctx, &bot.SendDocumentParams{
			ChatID: e.chat, MessageThreadID: m.thread, Caption: m.text, CaptionEntities: m.entities, Document: document(),
			ProtectContent: m.protect, ReplyMarkup: m.markup,
		})
	})
}

// edit replaces the content of a message. An edit that would change nothing is a success: it was applied before.
func (s *sender) edit(ctx context.Context, e errand, id int, m message) error {
	e.repeat = true
	method, call := "editMessageText", func(ctx context.Context) error {
		_, err := s.api.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: e.chat, MessageID: id, Text: m.text, Entities: m.entities,
			LinkPreviewOptions: noPreview(), ReplyMarkup: m.markup,
		})
		return err
	}
	switch {
	case m.picture.File != "":
		method, call = "editMessageCaption", func(ctx context.Context) error {
			_, err := s.api.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
				ChatID: e.chat, MessageID: id, Caption: m.text, CaptionEntities: m.entities, ReplyMarkup: m.markup,
			})
			return err
		}
	case m.file != nil:
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
