package oneclickdz

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cardrop/providers"
)

// reply is one answer after its envelope was taken off. Decisions are made by the HTTP status first, then by the envelope:
// misses of the supplier's router and pages of a proxy have none.
type reply struct {
	status int
	after  time.Duration   // from Retry-After
	body   []byte          // as it came; may hold cards
	data   json.RawMessage // of the envelope; nil without one
	denied bool            // the envelope says success: false
	code   string          // error code of a denying envelope, in upper case with underscores; empty without one
	words  string          // the supplier's own words in lower case: read for their meaning, never printed
}

// unwrap reads an answer; it accepts every body.
func unwrap(a providers.Answer) reply {
	r := reply{status: a.Status, after: a.RetryAfter, body: a.Body}
	var envelope struct {
		Success json.RawMessage `json:"success"`
		Data    json.RawMessage `json:"data"`
		Error   json.RawMessage `json:"error"`
		Message text            `json:"message"`
	}
	if json.Unmarshal(a.Body, &envelope) != nil {
		return r
	}
	r.denied = string(envelope.Success) == "false"
	if string(envelope.Data) != "null" {
		r.data = envelope.Data
	}
	var fault struct {
		Code    text `json:"code"`
		Message text `json:"message"`
	}
	if json.Unmarshal(envelope.Error, &fault) != nil {
		fault.Code, fault.Message = "", ""
	}
	if r.denied {
		r.code = normal(string(fault.Code))
	}
	r.words = strings.ToLower(string(fault.Message) + " " + string(envelope.Message))
	return r
}

// normal spells an error code one way. What does not look like a code (letters and underscores, at most 40) is ODD_CODE: it
// goes into error texts, so it must not be able to carry anything else.
func normal(code string) string {
	code = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(code)), "-", "_")
	if code == "" {
		return ""
	}
	if len(code) > 40 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return "ODD_CODE"
	}
	return code
}

// good tells whether the answer is a success with data.
func (r reply) good() bool { return r.status/100 == 2 && !r.denied && len(r.data) > 0 }

// label is the supplier's code, or the HTTP status where there is none.
func (r reply) label() string {
	if r.code != "" {
		return r.code
	}
	return fmt.Sprintf("HTTP_%d", r.status)
}

// unknown is the error for an answer that settles nothing.
func (r reply) unknown(call string) error {
	return fmt.Errorf("oneclickdz %s: %w: %s, answer of %d bytes", call, providers.ErrUnknown, r.label(), len(r.body))
}

// ask makes one call with the key. Its error is the wire's.
func (c *Client) ask(ctx context.Context, call providers.Call) (reply, error) {
	call.Header = map[string]providers.Secret{"X-Access-Token": c.o.AccessToken}
	a, err := c.wire.Do(ctx, call)
	if err != nil {
		return reply{}, err
	}
	return unwrap(a), nil
}

// get asks a question about a purchase. Its error wraps ErrUnknown only: that a question was not sent says nothing about the
// purchase.
func (c *Client) get(ctx context.Context, call, path string, query url.Values) (reply, error) {
	r, err := c.ask(ctx, providers.Call{Name: call, Method: http.MethodGet, Path: path, Query: query})
	if err != nil {
		return reply{}, fmt.Errorf("%w: %s", providers.ErrUnknown, err.Error())
	}
	return r, nil
}

// read asks for something that is no purchase. It returns a *Refusal when the supplier surely refused to tell, such as
// Blocked for a rejected key.
func (c *Client) read(ctx context.Context, call, path string, query url.Values) (reply, error) {
	r, err := c.ask(ctx, providers.Call{Name: call, Method: http.MethodGet, Path: path, Query: query})
	if err != nil {
		return reply{}, err
	}
	if r.good() {
		return r, nil
	}
	if no := r.refusal(); no != nil {
		return reply{}, fmt.Errorf("oneclickdz %s: %w", call, no)
	}
	return reply{}, r.unknown(call)
}

// buy sends a purchase; nothing is written after sendBy.
func (c *Client) buy(ctx context.Context, call, path string, request any, sendBy time.Time) (reply, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return reply{}, fmt.Errorf("oneclickdz %s: %w: request cannot be written", call, providers.ErrNotSent)
	}
	return c.ask(ctx, providers.Call{Name: call, Method: http.MethodPost, Path: path, Body: body, Buys: true, SendBy: sendBy})
}

// unsent turns the wire's error of a first purchase call into its meaning: a Refusal when nothing was written, unless the
// send-by time was the cause.
func unsent(err error) error {
	if errors.Is(err, providers.ErrNotSent) && !errors.Is(err, providers.ErrLate) {
		return &providers.Refusal{Reason: providers.Busy, Code: "unreachable"}
	}
	return err
}

// list finds the array of an answer: under one of the keys, or the data itself.
func list(data json.RawMessage, keys ...string) ([]json.RawMessage, bool) {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) == nil {
		return items, items != nil
	}
	return under(data, keys...)
}

// under finds the array under one of the keys of an object; an empty array counts, no array does not.
func under(data json.RawMessage, keys ...string) ([]json.RawMessage, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return nil, false
	}
	for _, key := range keys {
		var items []json.RawMessage
		if json.Unmarshal(object[key], &items) == nil && items != nil {
			return items, true
		}
	}
	return nil, false
}

// text is a string that a careless server may send as a number; other types are empty.
type text string

// UnmarshalJSON reads "a" and 1.
func (s *text) UnmarshalJSON(data []byte) error {
	*s = ""
	var plain string
	switch {
	case data[0] == '"' && json.Unmarshal(data, &plain) == nil:
		*s = text(strings.TrimSpace(plain))
	case len(bytes.Trim(data, "0123456789")) == 0:
		*s = text(data)
	}
	return nil
}
