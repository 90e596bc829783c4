package telegram

import (
	"log/slog"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// Limits of an inline keyboard. Source: InlineKeyboardButton and CopyTextButton of the Bot API.
const (
	maxData    = 64  // bytes of callback data
	maxCopy    = 256 // characters of a copy button
	maxButtons = 100
)

// keyboard turns rows into markup; nil when no button is left. One bad button would make Telegram refuse the whole message, so
// it is left out and logged: the customer keeps the others.
func keyboard(rows [][]flows.Button, log *slog.Logger) models.ReplyMarkup {
	var keys [][]models.InlineKeyboardButton
	count := 0
	for _, row := range rows {
		var line []models.InlineKeyboardButton
		for _, b := range row {
			key, fault := button(b)
			if fault == "" && count == maxButtons {
				fault = "one button too many"
			}
			if fault != "" {
				log.Error("button left out", "fault", fault, "label", b.Text)
				continue
			}
			count++
			line = append(line, key)
		}
		if len(line) > 0 {
			keys = append(keys, line)
		}
	}
	return markup(keys)
}

// markup wraps keys; a nil keyboard has to be a nil interface, or the library would send "null".
func markup(keys [][]models.InlineKeyboardButton) models.ReplyMarkup {
	if len(keys) == 0 {
		return nil
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: keys}
}

// button makes one key, or says what is wrong with it.
func button(b flows.Button) (key models.InlineKeyboardButton, fault string) {
	key = models.InlineKeyboardButton{Text: strings.ToValidUTF8(b.Text, "\uFFFD"), Style: style(b.Style)}
	kinds := 0
	if b.Data != "" {
		kinds++
		key.CallbackData = b.Data
		if len(b.Data) > maxData {
			fault = "callback data over 64 bytes"
		}
	}
	if b.URL != "" {
		kinds++
		key.URL = b.URL
		if !link(b.URL) {
			fault = "address is no link"
		}
	}
	if b.Copy != "" {
		kinds++
		key.CopyText = &models.CopyTextButton{Text: b.Copy}
		if utf8.RuneCountInString(b.Copy) > maxCopy {
			fault = "copy text over 256 characters"
		}
	}
	switch {
	case strings.TrimSpace(b.Text) == "":
		fault = "no label"
	case kinds != 1:
		fault = "not exactly one kind"
	}
	return key, fault
}

// style lets only the styles pass that the Bot API knows (9.4).
func style(name string) string {
	switch name {
	case "primary", "success", "danger":
		return name
	}
	return ""
}

func link(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https", "tg":
		return u.Host != "" || u.Opaque != ""
	}
	return false
}
