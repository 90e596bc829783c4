package demo

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Entity is MessageEntity of the Bot API; Offset and Length count UTF-16 units.
type Entity struct {
	Type           string `json:"type"`
	Offset         int    `json:"offset"`
	Length         int    `json:"length"`
	URL            string `json:"url,omitempty"`
	User           *User  `json:"user,omitempty"`
	Language       string `json:"language,omitempty"`
	CustomEmojiID  string `json:"custom_emoji_id,omitempty"`
	UnixTime       int64  `json:"unix_time,omitempty"`
	DateTimeFormat string `json:"date_time_format,omitempty"`
}

const (
	entitySpoiler = "spoiler"
	maxEntities   = 100
)

// family is the part that a type of entity plays in the rules on nesting.
type family int

const (
	unknownEntity family = iota
	plainEntity          // can hold and be held by anything but code and pre
	quoteEntity          // as plain, but not inside one another
	codeEntity           // shares no character with any other entity
	otherEntity          // links, mentions and the like: not inside one another
)

func familyOf(kind string) family {
	switch kind {
	case "bold", "italic", "underline", "strikethrough", entitySpoiler:
		return plainEntity
	case "blockquote", "expandable_blockquote":
		return quoteEntity
	case "code", "pre":
		return codeEntity
	case "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
		"text_link", "text_mention", "custom_emoji", "date_time":
		return otherEntity
	}
	return unknownEntity
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// checkEntities holds entities to the public rules: known types with what they need, within the text, and nested as allowed.
// Source: "Formatting options" of the Bot API.
func checkEntities(text string, entities []Entity) *apiError {
	if len(entities) > maxEntities {
		return badRequest("too many entities")
	}
	units := utf16.Encode([]rune(text))
	for _, e := range entities {
		if familyOf(e.Type) == unknownEntity {
			return badRequest("can't parse entities: unsupported type %q", e.Type)
		}
		end := e.Offset + e.Length
		if e.Offset < 0 || e.Length <= 0 || e.Offset > len(units) || e.Length > len(units)-e.Offset {
			return badRequest("ENTITY_BOUNDS_INVALID")
		}
		if splitsPair(units, e.Offset) || splitsPair(units, end) {
			return badRequest("ENTITY_BOUNDS_INVALID: inside a surrogate pair")
		}
		if (e.Type == "text_link" && e.URL == "") || (e.Type == "text_mention" && e.User == nil) ||
			(e.Type == "custom_emoji" && e.CustomEmojiID == "") || (e.Type == "date_time" && e.UnixTime == 0) {
			return badRequest("can't parse entities: %s lacks its value", e.Type)
		}
	}
	for i, a := range entities {
		for _, b := range entities[i+1:] {
			if fail := checkPair(a, b); fail != nil {
				return fail
			}
		}
	}
	return nil
}

func splitsPair(units []uint16, at int) bool {
	return at < len(units) && units[at] >= 0xDC00 && units[at] <= 0xDFFF
}

// checkPair applies the nesting rules to two entities.
func checkPair(a, b Entity) *apiError {
	aEnd, bEnd := a.Offset+a.Length, b.Offset+b.Length
	if aEnd <= b.Offset || bEnd <= a.Offset {
		return nil
	}
	inside := (a.Offset >= b.Offset && aEnd <= bEnd) || (b.Offset >= a.Offset && bEnd <= aEnd)
	af, bf := familyOf(a.Type), familyOf(b.Type)
	switch {
	case !inside:
		return badRequest("can't parse entities: %s and %s overlap", a.Type, b.Type)
	case af == codeEntity || bf == codeEntity:
		return badRequest("can't parse entities: %s and %s can't be nested", a.Type, b.Type)
	case af == bf && (af == quoteEntity || af == otherEntity):
		return badRequest("can't parse entities: %s and %s can't be nested", a.Type, b.Type)
	}
	return nil
}

// hasURL says whether a text would get a link preview.
func hasURL(text string, entities []Entity) bool {
	lower := strings.ToLower(text)
	if strings.Contains(lower, "http://") || strings.Contains(lower, "https://") {
		return true
	}
	return slices.ContainsFunc(entities, func(e Entity) bool { return e.Type == "url" || e.Type == "text_link" })
}

func hasSpoiler(entities []Entity) bool {
	return slices.ContainsFunc(entities, func(e Entity) bool { return e.Type == entitySpoiler })
}

// commandEntities marks the bot commands in what a person types, as Telegram does.
func commandEntities(text string) []Entity {
	var found []Entity
	offset, fresh := 0, true // in UTF-16 units; fresh: a word begins here
	for i, r := range text {
		if fresh && r == '/' {
			word, _, _ := strings.Cut(strings.Map(spaceToBlank, text[i:]), " ")
			if n := commandLen(word); n > 0 {
				found = append(found, Entity{Type: "bot_command", Offset: offset, Length: n})
			}
		}
		fresh = unicode.IsSpace(r)
		offset += utf16.RuneLen(r)
	}
	return found
}

func spaceToBlank(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	return r
}

// commandLen returns the length of the command at the start of a word, zero when there is none.
func commandLen(word string) int {
	rest, ok := strings.CutPrefix(word, "/")
	if !ok {
		return 0
	}
	name := leading(rest)
	if name == 0 || name > 64 {
		return 0
	}
	n := 1 + name
	if rest[name:] == "" {
		return n
	}
	if bot, ok := strings.CutPrefix(rest[name:], "@"); ok {
		if at := leading(bot); at >= 3 && at <= 32 {
			n += 1 + at
			rest, name = bot, at
		}
	}
	if next := rest[name:]; strings.HasPrefix(next, "/") {
		return 0
	}
	return n
}

// leading counts the letters, digits and underscores at the start of s.
func leading(s string) int {
	for i, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return i
		}
	}
	return len(s)
}
