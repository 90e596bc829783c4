package providers

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is what every way of printing a Secret shows.
const mask = "[secret]"

// Secret is a text that does not print: every formatting verb, JSON, text and slog show a mask. It is a pointer inside a
// struct, because a plain string type leaks through unexported fields, %d and reflection. The one way out is Expose, and a
// test holds the list of functions that may call it.
type Secret struct{ text *string }

// NewSecret wraps a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Expose returns the text. Only the functions on the allow-list may call it.
func (s Secret) Expose() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty tells whether there is no text.
func (s Secret) Empty() bool { return s.text == nil }

// Len is the length of the text in bytes.
func (s Secret) Len() int {
	if s.text == nil {
		return 0
	}
	return len(*s.text)
}

// Format prints the mask for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// String is the mask.
func (s Secret) String() string { return mask }

// GoString is the mask.
func (s Secret) GoString() string { return mask }

// MarshalJSON is the mask as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }

// MarshalText is the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue is the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(mask) }

// UnmarshalText takes the text of a setting or of a wire field.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
