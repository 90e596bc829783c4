package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"cardrop/providers"
)

const (
	canary      = `can"ary/+ <7>Qx`
	unknownText = "AAFq3kq9x-ZbY_8w7v6u5t4s3r2q1p0o9n8"
)

type speaker struct{ text string }

func (s speaker) String() string { return s.text }

type valuer struct{ text string }

func (v valuer) LogValue() slog.Value { return slog.GroupValue(slog.String("inner", v.text)) }

type broken struct{}

func (*broken) String() string { panic("panic with " + canary) }

// logged writes one line about v in several places and returns it.
func logged(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	log := newLogger(&out, slog.LevelInfo, providers.NewSecret(canary), providers.NewSecret("ab"), providers.NewSecret(""))
	log.With("before", v).WithGroup("outer").With("given", v).Info("done", slog.Group("g", slog.Group("h", slog.Any("v", v))))
	if !json.Valid(out.Bytes()) || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("log is not one line of JSON: %s", out.String())
	}
	return out.String()
}

func TestThreat08LogMasksTokenShapes(t *testing.T) {
	token := "123456789:" + unknownText
	shapes := map[string]string{
		"path":          "https://api.telegram.org/bot" + token + "/sendMessage",
		"file path":     "https://api.telegram.org/file/bot" + token + "/photos/1.jpg",
		"escaped":       "/bot" + url.QueryEscape(token) + "/getMe",
		"whole address": url.QueryEscape("https://api.telegram.org/bot" + token + "/getMe"),
		"quoted":        fmt.Sprintf("%q", (&url.Error{Op: "Post", URL: "https://h/bot" + token + "/x", Err: errors.New("refused")}).Error()),
		"alone":         "token=" + token + ";",
		"short":         "/bot1:abc/getMe",
	}
	for name, text := range shapes {
		t.Run(name, func(t *testing.T) {
			for _, v := range []any{text, errors.New(text), speaker{text}, []byte(text), map[string]any{text: []string{text}}, valuer{text}} {
				line := logged(t, v)
				if strings.Contains(line, unknownText) || strings.Contains(line, "1:abc") || !strings.Contains(line, logMask) {
					t.Errorf("%T: %s", v, line)
				}
			}
		})
	}
}

func TestLogMasksRegisteredSecrets(t *testing.T) {
	quoted, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	forms := []string{canary, url.QueryEscape(canary), url.PathEscape(canary), string(quoted), fmt.Sprintf("%q", canary),
		base64.StdEncoding.EncodeToString([]byte(canary)), hex.EncodeToString([]byte(canary))}
	var out bytes.Buffer
	newLogger(&out, slog.LevelInfo, providers.NewSecret(canary)).Info("message with "+canary, canary, 1)
	lines := out.String()
	for _, form := range forms {
		text := "before " + form + " after"
		for _, v := range []any{text, errors.Join(errors.New("x"), fmt.Errorf("wrapped: %w", errors.New(text))), speaker{text}, &speaker{text},
			[]byte(text), struct{ Text string }{text}, map[string][]any{"k": {text, 1, nil, true}}, &struct{ P *string }{&text},
			valuer{text}, []error{errors.New(text)}, json.RawMessage(`{"a":` + string(quoted) + `}`)} {
			lines += logged(t, v)
		}
	}
	for _, form := range append(forms, `can\"ary`) {
		if strings.Contains(lines, form) {
			t.Errorf("log holds %s", form)
		}
	}
	if strings.Contains(lines, "Qx") {
		t.Error("log holds the end of the secret in some other form")
	}
}

func TestLogKeepsTheRest(t *testing.T) {
	var out bytes.Buffer
	log := newLogger(&out, slog.LevelInfo, providers.NewSecret(canary), providers.NewSecret("a"))
	log.Debug("unseen")
	log.Warn("order settled", "order", "K7M2-9QXW", "cards", 3, "at", "12:30:05", "address", "127.0.0.1:8080", "ok", true,
		"nothing", nil, "secret", providers.NewSecret("abcdef"), slog.Group("g", "x", []int{1}))
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"level": "WARN", "msg": "order settled", "order": "K7M2-9QXW", "cards": "3", "at": "12:30:05",
		"address": "127.0.0.1:8080", "ok": "true", "nothing": "<nil>", "secret": "[secret]", "g": "map[x:[1]]"} {
		if fmt.Sprint(got[key]) != want {
			t.Errorf("%s is %v, want %s", key, got[key], want)
		}
	}
}

func TestThreat05LogSurvivesPanics(t *testing.T) {
	if line := logged(t, (*broken)(nil)); strings.Contains(line, "ary") || !strings.Contains(line, "panics when printed") {
		t.Errorf("line is %s", line)
	}
}
