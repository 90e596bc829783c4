package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"cardrop/providers"
)

const (
	logMask = "[secret]"
	// shortSecret is the length below which a secret is not looked for: masking each "1" would destroy the log.
	shortSecret = 4
)

// tokenInText finds bot tokens that nobody registered: in the path of a Bot API address, plain or escaped once or twice, with
// any token, and alone, where only the length tells them from a time or a port.
var tokenInText = regexp.MustCompile(`(?i)((?:/|%2f|%252f)bot)[0-9]+(?::|%3a|%253a)[a-z0-9_%-]+|\b[0-9]{5,}(?::|%3a|%253a)[a-z0-9_-]{30,}`)

// newLogger makes the program's logger: JSON lines in which bot tokens and the given secrets are masked wherever they stand, in
// messages, keys, values, errors, groups and nested structures.
func newLogger(w io.Writer, level slog.Leveler, secrets ...providers.Secret) *slog.Logger {
	r := &redactor{known: knownForms(secrets)}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: r.attr}))
}

// redactor masks secrets in log attributes.
type redactor struct {
	known *strings.Replacer
}

// knownForms finds each secret as it is and as addresses, encodings and quoted texts write it, longest first.
func knownForms(secrets []providers.Secret) *strings.Replacer {
	var forms []string
	for _, s := range secrets {
		text := s.Expose()
		if len(text) < shortSecret {
			continue
		}
		quoted, _ := json.Marshal(text)
		forms = append(forms, text,
			url.QueryEscape(text), url.PathEscape(text), url.QueryEscape(url.QueryEscape(text)),
			base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)),
			hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text))),
			strings.Trim(string(quoted), `"`), strings.Trim(fmt.Sprintf("%q", text), `"`))
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, f := range forms {
		pairs = append(pairs, f, logMask)
	}
	return strings.NewReplacer(pairs...)
}

// text masks one text.
func (r *redactor) text(s string) string {
	return tokenInText.ReplaceAllString(r.known.Replace(s), "${1}"+logMask)
}

// attr masks one attribute; the handler calls it for the message and for each attribute inside of groups, already resolved.
func (r *redactor) attr(_ []string, a slog.Attr) slog.Attr {
	a.Key = r.text(a.Key)
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(r.text(a.Value.String()))
	case slog.KindAny:
		a.Value = r.any(a.Value.Any())
	default: // numbers, times and durations; the handler takes groups apart
	}
	return a
}

// any masks whatever is no plain text. A value that panics while it is printed leaves its type only.
func (r *redactor) any(v any) (masked slog.Value) {
	defer func() {
		if recover() != nil {
			masked = slog.StringValue(fmt.Sprintf("%T panics when printed", v))
		}
	}()
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case slog.Level, time.Time: // the handler's own
		return slog.AnyValue(v)
	case error:
		return slog.StringValue(r.text(v.Error()))
	case fmt.Stringer:
		return slog.StringValue(r.text(v.String()))
	case []byte:
		return slog.StringValue(r.text(string(v)))
	}
	plain, err := plainJSON(v)
	if err != nil {
		return slog.StringValue(r.text(fmt.Sprintf("%+v", v)))
	}
	return slog.AnyValue(r.tree(plain))
}

// plainJSON turns a value into what JSON knows: texts, numbers, lists and objects.
func plainJSON(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write value: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		return nil, fmt.Errorf("read value: %w", err)
	}
	return plain, nil
}

// tree masks the texts and keys of a plain value.
func (r *redactor) tree(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case json.Number:
		if masked := r.text(v.String()); masked != v.String() {
			return masked
		}
		return v
	case []any:
		for i := range v {
			v[i] = r.tree(v[i])
		}
		return v
	case map[string]any:
		masked := make(map[string]any, len(v))
		for key, value := range v {
			masked[r.text(key)] = r.tree(value)
		}
		return masked
	default:
		return v
	}
}
