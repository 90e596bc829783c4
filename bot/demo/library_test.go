package demo

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
)

func reply(chat any, text string) *bot.SendMessageParams {
	return &bot.SendMessageParams{ChatID: chat, Text: text}
}

// shopBot answers /start with a menu and edits it on a press, as the shop does.
func shopBot(t *testing.T) bot.HandlerFunc {
	return func(ctx context.Context, b *bot.Bot, u *models.Update) {
		var err error
		switch {
		case u.Message != nil:
			p := reply(u.Message.Chat.ID, "Menu for "+u.Message.From.FirstName)
			p.ReplyMarkup = &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{
				{Text: "Buy", CallbackData: "buy", Style: "success"}, {Text: "Copy", CopyText: &models.CopyTextButton{Text: "C-1"}},
			}}}
			_, err = b.SendMessage(ctx, p)
		case u.CallbackQuery != nil:
			m := u.CallbackQuery.Message.Message
			_, err = b.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: m.Chat.ID, MessageID: m.ID, Text: "You pressed " + u.CallbackQuery.Data})
			if err == nil {
				_, err = b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID, Text: "done", ShowAlert: true})
			}
		}
		if err != nil && ctx.Err() == nil {
			t.Errorf("handler: %v", err)
		}
	}
}

// talk plays a person who starts the bot and presses a button.
func talk(t *testing.T, r *rig) {
	t.Helper()
	r.say(amina, started)
	if err := r.Wait(ctx(t), amina, func(ms []Message) bool { return len(ms) == 2 }); err != nil {
		t.Fatalf("menu: %v", err)
	}
	menu := r.Messages(amina)[1]
	if menu.Text != "Menu for Amina" || !menu.FromBot || menu.Keyboard[0][0].Style != "success" || menu.Keyboard[0][1].CopyText.Text != "C-1" {
		t.Fatalf("menu: %+v", menu)
	}
	if _, err := r.Press(amina, amina, menu.ID, 0, 1); !errors.Is(err, ErrNoButton) {
		t.Errorf("press of a copy button: %v", err)
	}
	id, err := r.Press(amina, amina, menu.ID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.WaitAnswer(ctx(t), id)
	if err != nil || got.Text != "done" || !got.Alert {
		t.Fatalf("answer %+v, %v", got, err)
	}
	if m := r.Messages(amina)[1]; m.Text != "You pressed buy" || m.Keyboard != nil || m.Edited.IsZero() {
		t.Errorf("after the press: %+v", m)
	}
	if toasts := r.Toasts(amina); len(toasts) != 1 || toasts[0].QueryID != id {
		t.Errorf("toasts: %+v", toasts)
	}
}

func TestLibraryPolls(t *testing.T) {
	r := newRig(t, Options{})
	b := r.library(bot.WithDefaultHandler(shopBot(t)), bot.WithErrorsHandler(func(err error) { t.Logf("library: %v", err) }))
	running, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.Start(running); close(ended) }()
	talk(t, r)
	stop()
	<-ended
}

func TestLibraryWebhook(t *testing.T) {
	r := newRig(t, Options{})
	b := r.library(bot.WithDefaultHandler(shopBot(t)), bot.WithWebhookSecretToken("hook_secret-1"))
	hook := httptest.NewServer(b.WebhookHandler())
	defer hook.Close()
	running, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { b.StartWebhook(running); close(ended) }()
	set := &bot.SetWebhookParams{
		URL: hook.URL + "/hook", SecretToken: "hook_secret-1", MaxConnections: 3, AllowedUpdates: []string{"message", "callback_query"},
	}
	if _, err := b.SetWebhook(ctx(t), set); err != nil {
		t.Fatal(err)
	}
	talk(t, r)
	info, err := b.GetWebhookInfo(ctx(t))
	if err != nil || info.URL != set.URL || info.MaxConnections != 3 || !slices.Equal(info.AllowedUpdates, set.AllowedUpdates) {
		t.Errorf("info %+v, %v", info, err)
	}
	stop()
	<-ended
}

// sharing returns a document message with a file in it.
func (r *rig) document(b *bot.Bot, name, content string) *models.Message {
	r.t.Helper()
	m, err := b.SendDocument(ctx(r.t), &bot.SendDocumentParams{
		ChatID: amina, Document: &models.InputFileUpload{Filename: name, Data: bytes.NewReader([]byte(content))}, Caption: "here",
		CaptionEntities: []models.MessageEntity{{Type: models.MessageEntityTypeBold, Offset: 0, Length: 4}},
	})
	if err != nil {
		r.t.Fatalf("send document: %v", err)
	}
	return m
}

func TestLibraryFiles(t *testing.T) {
	r := newChatRig(t, Options{})
	b := r.library()
	m := r.document(b, "cards-K7M2.txt", "code 1")
	if m.Document == nil || m.Document.FileName != "cards-K7M2.txt" || m.Document.FileSize != 6 || m.Caption != "here" {
		t.Fatalf("document: %+v", m)
	}
	again, err := b.SendDocument(ctx(t), &bot.SendDocumentParams{ChatID: amina, Document: &models.InputFileString{Data: m.Document.FileID}})
	if err != nil || again.Document.FileID != m.Document.FileID {
		t.Errorf("by file id: %+v, %v", again, err)
	}
	f, err := b.GetFile(ctx(t), &bot.GetFileParams{FileID: m.Document.FileID})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(mustRequest(t, b.FileDownloadLink(f)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var got bytes.Buffer
	if _, err := got.ReadFrom(resp.Body); err != nil || got.String() != "code 1" {
		t.Errorf("download %q, %v", got.String(), err)
	}
	edited, err := b.EditMessageMedia(ctx(t), &bot.EditMessageMediaParams{ChatID: amina, MessageID: m.ID, Media: &models.InputMediaDocument{
		Media: "attach://expired.txt", MediaAttachment: bytes.NewReader([]byte("gone")),
	}})
	if err != nil || edited.Document.FileName != "expired.txt" || edited.Caption != "" {
		t.Errorf("edit media: %+v, %v", edited, err)
	}
	_, err = b.SendDocument(ctx(t), &bot.SendDocumentParams{ChatID: amina, Document: &models.InputFileString{Data: "no-such-file"}})
	wantErr(t, err, bot.ErrorBadRequest)
}

func TestLibraryPhotos(t *testing.T) {
	r := newChatRig(t, Options{})
	b := r.library()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	photo := func(content []byte) (*models.Message, error) {
		return b.SendPhoto(ctx(t), &bot.SendPhotoParams{
			ChatID: amina, Photo: &models.InputFileUpload{Filename: "a.png", Data: bytes.NewReader(content)}, HasSpoiler: true,
		})
	}
	m, err := photo(picture.Bytes())
	if err != nil || len(m.Photo) != 1 || m.Photo[0].Width != 4 || m.Photo[0].Height != 3 || !m.HasMediaSpoiler {
		t.Fatalf("photo %+v, %v", m, err)
	}
	for _, broken := range [][]byte{nil, []byte("not a picture")} {
		_, err := photo(broken)
		wantErr(t, err, bot.ErrorBadRequest)
	}
	text := r.text(amina, "wait")
	swapped, err := b.EditMessageMedia(ctx(t), &bot.EditMessageMediaParams{
		ChatID: amina, MessageID: text, Media: &models.InputMediaPhoto{Media: m.Photo[0].FileID, Caption: "shown"},
	})
	if err != nil || swapped.Caption != "shown" || swapped.Text != "" {
		t.Errorf("text to photo: %+v, %v", swapped, err)
	}
	r.refused("editMessageText", fields{"chat_id": amina, "message_id": text, "text": "x"}, 400, bad("there is no text in the message to edit"))
	r.ok("editMessageCaption", fields{"chat_id": amina, "message_id": text, "caption": "new"})
	plain := r.text(amina, "plain")
	r.refused("editMessageCaption", fields{"chat_id": amina, "message_id": plain, "caption": "x"}, 400, bad("there is no caption in the message to edit"))
}

// TestLibraryProfile calls the methods that a bot uses at its start.
func TestLibraryProfile(t *testing.T) {
	r := newChatRig(t, Options{})
	b := r.library()
	list := []models.BotCommand{{Command: "buy", Description: "Acheter"}}
	scope := &models.BotCommandScopeAllPrivateChats{}
	if _, err := b.SetMyCommands(ctx(t), &bot.SetMyCommandsParams{Commands: list, Scope: scope, LanguageCode: "fr"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SetMyCommands(ctx(t), &bot.SetMyCommandsParams{Commands: []models.BotCommand{{Command: "help", Description: "Help"}}}); err != nil {
		t.Fatal(err)
	}
	got, err := b.GetMyCommands(ctx(t), &bot.GetMyCommandsParams{Scope: scope, LanguageCode: "fr"})
	if diff := cmp.Diff(list, got); err != nil || diff != "" {
		t.Errorf("commands: %v %s", err, diff)
	}
	if offered := r.Commands(amina, amina); len(offered) != 1 || offered[0].Command != "buy" {
		t.Errorf("Amina is offered %+v", offered)
	}
	if offered := r.Commands(omar, omar); len(offered) != 1 || offered[0].Command != "help" {
		t.Errorf("Omar is offered %+v", offered)
	}
	if _, err := b.DeleteMyCommands(ctx(t), &bot.DeleteMyCommandsParams{Scope: scope, LanguageCode: "fr"}); err != nil {
		t.Fatal(err)
	}
	if offered := r.Commands(amina, amina); len(offered) != 1 || offered[0].Command != "help" {
		t.Errorf("after deletion Amina is offered %+v", offered)
	}
	for name, call := range map[string]func() (bool, error){
		"description": func() (bool, error) {
			return b.SetMyDescription(ctx(t), &bot.SetMyDescriptionParams{Description: "Cards"})
		},
		"short": func() (bool, error) {
			return b.SetMyShortDescription(ctx(t), &bot.SetMyShortDescriptionParams{ShortDescription: "C"})
		},
		"menu": func() (bool, error) {
			return b.SetChatMenuButton(ctx(t), &bot.SetChatMenuButtonParams{MenuButton: models.MenuButtonCommands{Type: models.MenuButtonTypeCommands}})
		},
		"action": func() (bool, error) {
			return b.SendChatAction(ctx(t), &bot.SendChatActionParams{ChatID: amina, Action: models.ChatActionTyping})
		},
	} {
		if done, err := call(); !done || err != nil {
			t.Errorf("%s: %v %v", name, done, err)
		}
	}
	if text, short := r.Description("fr"); text != "Cards" || short != "C" || r.MenuButton(amina) != "commands" {
		t.Errorf("description %q %q, menu %q", text, short, r.MenuButton(amina))
	}
	if chat, err := b.GetChat(ctx(t), &bot.GetChatParams{ChatID: amina}); err != nil || chat.FirstName != "Amina" || chat.Type != models.ChatTypePrivate {
		t.Errorf("chat %+v, %v", chat, err)
	}
}

func TestLibraryErrors(t *testing.T) {
	r := newChatRig(t, Options{})
	b := r.library()
	_, err := b.SendMessage(ctx(t), reply(omar, "hello"))
	wantErr(t, err, bot.ErrorForbidden)
	stranger, err := bot.New("1:wrong", bot.WithServerURL(r.url), bot.WithSkipGetMe())
	if err != nil {
		t.Fatal(err)
	}
	_, err = stranger.GetMe(ctx(t))
	wantErr(t, err, bot.ErrorUnauthorized)
	if err := r.AddFault(Fault{Method: "sendMessage", Kind: FaultFlood, RetryAfter: 7}); err != nil {
		t.Fatal(err)
	}
	var flood *bot.TooManyRequestsError
	if _, err = b.SendMessage(ctx(t), reply(amina, "hello")); !errors.As(err, &flood) || flood.RetryAfter != 7 {
		t.Errorf("flood: %v", err)
	}
	r.NewGroup(-55, "Shop team", amina)
	if err := r.Migrate(-55, -1000055); err != nil {
		t.Fatal(err)
	}
	var moved *bot.MigrateError
	if _, err = b.SendMessage(ctx(t), reply(-55, "hello")); !errors.As(err, &moved) || moved.MigrateToChatID != -1000055 {
		t.Errorf("migration: %v", err)
	}
}

func mustRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// watched waits until cond holds, looking again at each change.
func (r *rig) watched(what string, cond func() bool) {
	r.t.Helper()
	if err := r.Await(ctx(r.t), cond); err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// clock is a time that moves only by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }
