package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// apiError is a refusal by the Bot API, or by a proxy before it.
type apiError struct {
	method string
	code   int
	text   string        // the description, for matching; printed only word by word
	wait   time.Duration // with 429: how long to wait
	moved  int64         // the new id of a group that became a supergroup
}

// Error tells method, code and the plain words of the description.
func (e *apiError) Error() string {
	text := "telegram " + e.method + ": " + strconv.Itoa(e.code)
	if words := plainWords(e.text); words != "" && e.code < http.StatusInternalServerError {
		text += " " + words
	}
	if e.moved != 0 {
		text += " (now " + strconv.FormatInt(e.moved, 10) + ")"
	}
	return text
}

// wireError is a call without a usable answer.
type wireError struct {
	method string
	sent   bool // the whole request may have reached the server
	cause  string
	inner  error // a context's error or a failpoint's; nothing that could quote an address or a body
}

// Error tells what is known, without the text of the cause.
func (e *wireError) Error() string {
	known := "not sent"
	if e.sent {
		known = "outcome unknown"
	}
	return "telegram " + e.method + ": " + known + ": " + e.cause
}

// Unwrap gives the context's error, where it was the cause.
func (e *wireError) Unwrap() error { return e.inner }

// plainWords keeps the words of a description that cannot be a code or a token: letters, or capitals joined by underscores.
func plainWords(text string) string {
	var kept []string
	for word := range strings.FieldsSeq(text) {
		if len(kept) == 16 {
			break
		}
		if plainWord(strings.Trim(word, `.,:;'"()!?`)) {
			kept = append(kept, word)
		} else {
			kept = append(kept, "…")
		}
	}
	return strings.Join(kept, " ")
}

func plainWord(word string) bool {
	if len(word) > 40 {
		return false
	}
	capitals, joined := 0, false
	for _, r := range word {
		switch {
		case r >= 'A' && r <= 'Z':
			capitals++
		case r == '_':
			joined = true
		case (r < 'a' || r > 'z') && r != '\'' && r != '-':
			return false
		}
	}
	return joined || capitals <= 4
}

// envelope is what every answer of the Bot API is wrapped in.
type envelope struct {
	OK          bool   `json:"ok"`
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MoveTo     int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// judge turns an answer into an error, nil when the call succeeded.
func judge(method string, status int, header http.Header, body []byte) error {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		if status >= http.StatusBadRequest {
			return &apiError{method: method, code: status, wait: waitFor(status, 0, header)}
		}
		return &wireError{method: method, sent: true, cause: fmt.Sprintf("answer of %d bytes is not of the Bot API", len(body))}
	}
	if env.OK {
		return nil
	}
	code := env.Code
	if code == 0 {
		code = max(status, http.StatusBadRequest)
	}
	wait := waitFor(code, env.Parameters.RetryAfter, header)
	return &apiError{method: method, code: code, text: env.Description, wait: wait, moved: env.Parameters.MoveTo}
}

// waitFor is how long a 429 asks to wait, between a second and an hour.
func waitFor(code, seconds int, header http.Header) time.Duration {
	if code != http.StatusTooManyRequests {
		return 0
	}
	if seconds == 0 {
		seconds, _ = strconv.Atoi(header.Get("Retry-After"))
	}
	return time.Duration(min(max(seconds, 1), 3600)) * time.Second
}

// failure keeps what is ours of an error that came through the library, and only the type of anything else: the library's own
// texts may quote bodies.
func failure(method string, err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*apiError](err); ok {
		return refused
	}
	if broken, ok := errors.AsType[*wireError](err); ok {
		return broken
	}
	return &wireError{method: method, sent: true, cause: causeType(err), inner: contextError(err)}
}

func contextError(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	return nil
}

// causeType is the type of the innermost error, which tells an operator much and quotes nothing.
func causeType(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timed out"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("failed (%T)", err)
		}
		err = inner
	}
}

// says tells whether a refusal's description holds one of the phrases.
func says(err error, phrases ...string) bool {
	var refused *apiError
	if !errors.As(err, &refused) {
		return false
	}
	text := strings.ToLower(refused.text)
	for _, phrase := range phrases {
		if strings.Contains(text, strings.ToLower(phrase)) {
			return true
		}
	}
	return false
}

// code is the refusal's number, zero for other errors.
func code(err error) int {
	if refused, ok := errors.AsType[*apiError](err); ok {
		return refused.code
	}
	return 0
}

// unchanged: an edit that would change nothing was applied before.
func unchanged(err error) bool { return says(err, "message is not modified") }

// missing: the message to edit or delete is not there.
func missing(err error) bool {
	return says(err, "message to delete not found", "message to edit not found", "MESSAGE_ID_INVALID")
}

// unreachable: the chat cannot be written to, now or until its owner comes back. Sources: Bot API texts for 403 and unknown chats.
func unreachable(err error) bool {
	return code(err) == http.StatusForbidden ||
		says(err, "chat not found", "user is deactivated", "PEER_ID_INVALID", "user not found")
}

// passing: the same call may succeed later.
func passing(err error) bool {
	if _, ok := errors.AsType[*wireError](err); ok {
		return true
	}
	c := code(err)
	return c == http.StatusTooManyRequests || c >= http.StatusInternalServerError || contextError(err) != nil
}
