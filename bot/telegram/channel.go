package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"cardrop/flows"
	"cardrop/flows/checkout"
)

// channelName is the delivery method in events and receipts.
const channelName = "in-app"

// deleteAge is the age from which a message is blanked and not deleted: the Bot API deletes only messages younger than 48 h, and
// a call may be on its way for a while.
const deleteAge = 40 * time.Hour

// Channel shows codes in the buyer's private chat: into a placeholder that held no code, and out again by deletion.
type Channel struct {
	out   *sender
	words words
	now   func() time.Time
}

var _ checkout.Channel = (*Channel)(nil)

// Name is "in-app".
func (c *Channel) Name() string { return channelName }

// Prepare sends the placeholder. Its protection is inherited by the code: single cards can be neither forwarded nor saved, a
// file can, for nobody could keep it otherwise. It returns checkout.ErrUnreachable when the chat cannot be written to; after
// any other error a placeholder may stand in the chat, which holds no code.
func (c *Channel) Prepare(ctx context.Context, to checkout.Recipient) (checkout.Receipt, error) {
	s := c.words.Placeholder(to)
	text := clip(s.Text, maxText)
	r := checkout.Receipt{Channel: channelName, Chat: to.Chat, File: to.File, Language: to.Language, Sent: c.now()}
	e := errand{chat: to.Chat, rank: rankReply, patience: cardPatience}
	id, err := c.out.send(ctx, e, message{text: text, entities: entities(s.Marks, 0, units(text)), protect: !to.File})
	if err != nil {
		return checkout.Receipt{}, fmt.Errorf("send placeholder: %w", reachable(err))
	}
	r.Message = id
	return r, nil
}

// Show edits the placeholder into the codes; it may be repeated. It returns checkout.ErrUnreachable when the chat cannot be
// written to and checkout.ErrDelivery when Telegram refuses the codes for good; after any other error they may be on the screen.
func (c *Channel) Show(ctx context.Context, r checkout.Receipt, p checkout.Parcel) error {
	page, err := c.words.Codes(p)
	if err != nil {
		return fmt.Errorf("write codes: %w", err)
	}
	m, err := unseal(page)
	if err != nil {
		return fmt.Errorf("show codes: %w: %w", checkout.ErrDelivery, err)
	}
	e := errand{chat: r.Chat, rank: rankReply, patience: cardPatience}
	err = c.out.edit(ctx, e, r.Message, m)
	switch {
	case err == nil:
		return nil
	case passing(err) || unreachable(err):
		return fmt.Errorf("show codes: %w", reachable(err))
	}
	return fmt.Errorf("show codes: %w: %w", checkout.ErrDelivery, err)
}

// Retract deletes the message, or blanks it when it is too old for that: a text becomes the words that it expired, a file a
// one-line file, and the buttons go. A message that is not there any more counts as taken back. It returns
// checkout.ErrUnreachable when the buyer blocked the bot.
func (c *Channel) Retract(ctx context.Context, r checkout.Receipt) error {
	if r.Message == 0 {
		return nil
	}
	e := errand{chat: r.Chat, rank: rankDelete, lot: lotDelete, patience: deletePatience}
	if c.now().Sub(r.Sent) < deleteAge {
		err := c.out.remove(ctx, e, r.Message)
		var refused *apiError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refused) && refused.moved != 0 && refused.moved != r.Chat:
			r.Chat = refused.moved
			return c.Retract(ctx, r)
		case !says(err, "can't be deleted"):
			return fmt.Errorf("delete codes: %w", reachable(err))
		}
	}
	return c.blank(ctx, e, r)
}

func (c *Channel) blank(ctx context.Context, e errand, r checkout.Receipt) error {
	text, file := c.words.Expired(r.Language)
	blank := message{text: clip(text, maxCaption)}
	note := &attachment{name: fileName(file.Name), data: file.Data}
	if r.File {
		blank.file = note
	}
	err := c.out.edit(ctx, e, r.Message, blank)
	if !r.File && code(err) == http.StatusBadRequest && says(err, "there is no text in the message to edit") {
		blank.file = note
		err = c.out.edit(ctx, e, r.Message, blank)
	}
	if err == nil || missing(err) {
		return nil
	}
	return fmt.Errorf("blank codes: %w", reachable(err))
}

// reachable adds checkout.ErrUnreachable to an error that means it.
func reachable(err error) error {
	if unreachable(err) {
		return fmt.Errorf("%w: %w", checkout.ErrUnreachable, err)
	}
	return err
}

// unseal turns a page of codes into a message: the one place where codes leave their Secrets on the way to a screen. Texts are
// plain and marked by entities, for a code may hold any character a parse mode would read; a code too long for a copy button
// goes without one. Its errors hold no code.
func unseal(page flows.CodePage) (message, error) {
	m := message{text: page.Text.Expose()}
	if !utf8.ValidString(m.text) {
		return message{}, errors.New("page is not UTF-8")
	}
	limit := maxText
	if page.File != nil {
		m.file = &attachment{name: fileName(page.File.Name), data: []byte(page.File.Data.Expose())}
		limit = maxCaption
	}
	size := units(m.text)
	if size > limit {
		return message{}, fmt.Errorf("page of %d units is over %d", size, limit)
	}
	m.entities = entities(page.Marks, 0, size)
	var keys [][]models.InlineKeyboardButton
	for _, b := range page.Copy {
		text := b.Copy.Expose()
		if n := utf8.RuneCountInString(text); n == 0 || n > maxCopy || b.Text == "" {
			continue
		}
		keys = append(keys, []models.InlineKeyboardButton{{Text: b.Text, CopyText: &models.CopyTextButton{Text: text}}})
	}
	for _, row := range page.Rows {
		var line []models.InlineKeyboardButton
		for _, b := range row {
			key, fault := button(b)
			if fault != "" {
				return message{}, fmt.Errorf("button: %s", fault)
			}
			line = append(line, key)
		}
		if len(line) > 0 {
			keys = append(keys, line)
		}
	}
	m.markup = markup(keys)
	return m, nil
}
