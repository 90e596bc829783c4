package telegram

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

// Limits of texts, captions and callback answers in UTF-16 code units. Source: the Bot API.
const (
	maxText    = 4096
	maxCaption = 1024
	maxToast   = 200
)

// part is a piece of a text with the marks inside it.
type part struct {
	text     string
	entities []models.MessageEntity
}

// units counts the UTF-16 code units of a text.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// split cuts a text into parts of at most limit units, at the last line break, else the last space, else anywhere but inside a
// character. Marks that reach over a cut go on in the next part. Parts without anything to see are left out.
func split(text string, marks []flows.Mark, limit int) []part {
	text = strings.ToValidUTF8(text, "\uFFFD")
	var parts []part
	for at := 0; text != ""; {
		head, rest := cut(text, limit)
		if strings.TrimSpace(head) != "" {
			parts = append(parts, part{text: head, entities: entities(marks, at, at+units(head))})
		}
		at += units(text) - units(rest)
		text = rest
	}
	return parts
}

// cut takes the first part off; a line break or space at the cut belongs to neither side.
func cut(text string, limit int) (head, rest string) {
	used, line, space := 0, 0, 0
	for i, r := range text {
		if used += utf16.RuneLen(r); used > limit {
			switch {
			case line > 0:
				return text[:line], text[line+1:]
			case space > 0:
				_, size := utf8.DecodeRuneInString(text[space:])
				return text[:space], text[space+size:]
			}
			return text[:i], text[i:]
		}
		switch {
		case r == '\n':
			line = i
		case unicode.IsSpace(r):
			space = i
		}
	}
	return text, ""
}

// entities are the marks within [from, to) units, counted from there. A mark that covers nothing of it is left out.
func entities(marks []flows.Mark, from, to int) []models.MessageEntity {
	var list []models.MessageEntity
	for _, m := range marks {
		if m.Offset < 0 || m.Length <= 0 {
			continue
		}
		start, end := max(m.Offset, from), min(m.Offset+m.Length, to)
		if start < end {
			list = append(list, models.MessageEntity{Type: models.MessageEntityType(m.Kind), Offset: start - from, Length: end - start})
		}
	}
	return list
}

// clip shortens a text to limit units.
func clip(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	used := 0
	for i, r := range text {
		if used += utf16.RuneLen(r); used > limit {
			return text[:i]
		}
	}
	return text
}

// toast shortens an alert to what a callback answer takes.
func toast(text string) string {
	if units(text) > maxToast {
		return clip(text, maxToast-1) + "…"
	}
	return clip(text, maxToast)
}

// fileName keeps what is safe in a multipart header and after "attach://".
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || (r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))) {
			return r
		}
		return '-'
	}, name)
	if name == "" {
		return "file.txt"
	}
	return name
}
