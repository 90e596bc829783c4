package providers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"cardrop/providers"
)

const canary = "CANARY-7QX2-19KD"

// holder has a Secret in every position a value can take.
type holder struct {
	Open    providers.Secret
	Pointer *providers.Secret
	List    []providers.Secret
	Map     map[string]providers.Secret
	Any     any
	Card    providers.Card
	hidden  providers.Secret
	deep    *holder
}

func canaryHolder() holder {
	s := providers.NewSecret(canary)
	card := providers.Card{Code: s, Serial: s, Extras: []providers.Field{{Label: "url", Value: s}}}
	inner := holder{Open: s, hidden: s}
	return holder{
		Open: s, Pointer: &s, List: []providers.Secret{s}, Map: map[string]providers.Secret{"k": s}, Any: s, Card: card, hidden: s, deep: &inner,
	}
}

// secretError is a careless error type that holds a Secret.
type secretError struct{ code providers.Secret }

func (e secretError) Error() string {
	return fmt.Sprintf("bad code %v (%s, %q, %x)", e.code, e.code, e.code, e.code)
}

// shapes are the values a careless line of code may print.
func shapes() map[string]any {
	h := canaryHolder()
	s := providers.NewSecret(canary)
	return map[string]any{
		"secret": s, "pointer": &s, "struct": h, "struct pointer": &h, "slice": []any{s, &s, h}, "array": [1]providers.Secret{s},
		"map": map[string]any{"k": s, "h": h}, "map of pointers": map[string]*providers.Secret{"k": &s},
		"error": secretError{s}, "wrapped": fmt.Errorf("place: %w", secretError{s}),
		"joined":      errors.Join(errors.New("first"), secretError{s}, fmt.Errorf("second %v", h)),
		"fulfillment": providers.Fulfillment{Cards: []providers.Card{{Code: s}}, Raw: s},
	}
}

// leaked tells whether the canary is in a text, plain or in one of the forms the verbs give it.
func leaked(text string) bool {
	for _, form := range []string{
		canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary), strings.Trim(fmt.Sprintf("%d", []byte(canary)), "[]"),
	} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

func TestThreat03SecretNeverPrints(t *testing.T) {
	for _, text := range []string{"a " + canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%d", []byte(canary))} {
		if !leaked(text) {
			t.Fatalf("the search does not find a planted canary in %q", text)
		}
	}
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%t", "%e", "%p", "%T", "%10.3s", "%#q", "%w", "%!"}
	for name, value := range shapes() {
		for _, verb := range verbs {
			if text := fmt.Sprintf(verb, value); leaked(text) {
				t.Errorf("%s with %s leaks: %s", name, verb, text)
			}
		}
		if text := fmt.Sprint(value) + fmt.Sprintln(value); leaked(text) {
			t.Errorf("%s leaks: %s", name, text)
		}
		if raw, err := json.Marshal(value); err == nil && leaked(string(raw)) {
			t.Errorf("%s as JSON leaks: %s", name, raw)
		}
	}
	if _, err := json.Marshal(canaryHolder()); err != nil {
		t.Errorf("a struct with secrets cannot be written as JSON: %v", err)
	}
}

func TestThreat03SecretNeverLogs(t *testing.T) {
	for name, value := range shapes() {
		var out bytes.Buffer
		options := &slog.HandlerOptions{Level: slog.LevelDebug}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, options), slog.NewJSONHandler(&out, options)} {
			log := slog.New(handler).With("with", value)
			log.Info("bought", "value", value, slog.Group("group", slog.Any("inner", value)))
		}
		if out.Len() == 0 || leaked(out.String()) {
			t.Errorf("%s leaks or logs nothing: %s", name, out.String())
		}
	}
}

func TestSecretAsMapKeyAndText(t *testing.T) {
	s := providers.NewSecret(canary)
	raw, err := json.Marshal(map[providers.Secret]int{s: 1})
	if err != nil || leaked(string(raw)) {
		t.Errorf("as a map's key: %s, error %v", raw, err)
	}
	if text, err := s.MarshalText(); err != nil || leaked(string(text)) {
		t.Errorf("as text: %s, error %v", text, err)
	}
	if text := s.String() + s.GoString(); leaked(text) {
		t.Errorf("as a string: %s", text)
	}
}

func TestSecretKeepsItsText(t *testing.T) {
	for _, text := range []string{"", "a", canary, "mã-quà-🎁"} {
		s := providers.NewSecret(text)
		if s.Expose() != text || s.Len() != len(text) || s.Empty() != (text == "") {
			t.Errorf("%q: got %q, length %d, empty %v", text, s.Expose(), s.Len(), s.Empty())
		}
	}
	var setting providers.Secret
	if err := setting.UnmarshalText([]byte(canary)); err != nil || setting.Expose() != canary {
		t.Errorf("read from a setting: %d bytes, error %v", setting.Len(), err)
	}
	var wire struct{ Code providers.Secret }
	if err := json.Unmarshal([]byte(`{"Code":"`+canary+`"}`), &wire); err != nil || wire.Code.Expose() != canary {
		t.Errorf("read from JSON: %d bytes, error %v", wire.Code.Len(), err)
	}
}

func TestRefused(t *testing.T) {
	no := &providers.Refusal{Reason: providers.NoFunds, Code: "100"}
	for _, c := range []struct {
		err    error
		reason providers.Reason
		ok     bool
	}{
		{no, providers.NoFunds, true}, {fmt.Errorf("place: %w", no), providers.NoFunds, true}, {errors.Join(errors.New("x"), no), providers.NoFunds, true},
		{nil, "", false}, {providers.ErrUnknown, "", false}, {providers.ErrLate, "", false}, {providers.ErrAsk, "", false},
	} {
		if reason, ok := providers.Refused(c.err); reason != c.reason || ok != c.ok {
			t.Errorf("%v: got %q, %v; want %q, %v", c.err, reason, ok, c.reason, c.ok)
		}
	}
	if got := no.Error(); got != "refused: no_funds (100)" {
		t.Errorf("text %q", got)
	}
	if got := (&providers.Refusal{Reason: providers.Busy}).Error(); got != "refused: busy" {
		t.Errorf("text %q", got)
	}
}
