package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// apiError is a refusal in the shape of the Bot API.
type apiError struct {
	code       int
	text       string
	retryAfter int   // seconds; not zero with 429
	migrateTo  int64 // not zero when the group became a supergroup
}

func badRequest(format string, args ...any) *apiError {
	return &apiError{code: http.StatusBadRequest, text: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(text string) *apiError {
	return &apiError{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func conflict(text string) *apiError {
	return &apiError{code: http.StatusConflict, text: "Conflict: " + text}
}

// call is one request of the bot while it is worked on.
type call struct {
	t       *Telegram
	ctx     context.Context //nolint:containedctx // of its request
	method  *method
	values  map[string]string
	uploads map[string]*upload
	entry   Call
}

// serveBot answers one request; rest is what follows "/bot" in the path.
func (t *Telegram) serveBot(w http.ResponseWriter, r *http.Request, rest string) {
	token, name, found := strings.Cut(rest, "/")
	if !found || (r.Method != http.MethodGet && r.Method != http.MethodPost) {
		writeAnswer(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	if token != t.opts.Token {
		writeAnswer(w, nil, &apiError{code: http.StatusUnauthorized, text: "Unauthorized"})
		return
	}
	m := t.methods[strings.ToLower(name)]
	if m == nil || t.older(m) {
		writeAnswer(w, nil, &apiError{code: http.StatusNotFound, text: "Not Found: method not found"})
		return
	}
	c := &call{t: t, ctx: r.Context(), method: m, entry: Call{Method: m.name}}
	fail := c.read(w, r)
	t.mu.Lock()
	c.entry.At = t.now()
	fault := t.takeFault(m.name, c.entry.ChatID)
	t.mu.Unlock()
	if fault != nil && fault.before(t, c, w) {
		return
	}
	var result any
	if fail == nil {
		result, fail = c.run()
	}
	if fault != nil && fault.Kind == FaultCutAfter {
		c.record(fail, fault.Kind)
		panic(http.ErrAbortHandler)
	}
	c.record(fail, faultKind(fault))
	writeAnswer(w, result, fail)
}

// run lets the method take effect. Only getUpdates waits, so it alone runs without the lock.
func (c *call) run() (any, *apiError) {
	if c.method.waits {
		return c.method.run(c.t, c)
	}
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	return c.method.run(c.t, c)
}

// writeAnswer writes the envelope of the Bot API, with the status that it carries inside.
func writeAnswer(w http.ResponseWriter, result any, fail *apiError) {
	w.Header().Set("Content-Type", "application/json")
	if fail == nil {
		writeJSON(w, map[string]any{"ok": true, "result": result})
		return
	}
	body := map[string]any{"ok": false, "error_code": fail.code, "description": fail.text}
	switch {
	case fail.retryAfter > 0:
		w.Header().Set("Retry-After", strconv.Itoa(fail.retryAfter))
		body["parameters"] = map[string]any{"retry_after": fail.retryAfter}
	case fail.migrateTo != 0:
		body["parameters"] = map[string]any{"migrate_to_chat_id": fail.migrateTo}
	}
	w.WriteHeader(fail.code)
	writeJSON(w, body)
}

// writeJSON writes v as the body; a client that has gone away needs no answer, so the error ends here.
func writeJSON(w http.ResponseWriter, v any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// chat finds the chat that chat_id names, also one the bot may not write to.
func (c *call) chat() (*chat, *apiError) {
	raw := c.values["chat_id"]
	if name, ok := strings.CutPrefix(raw, "@"); ok {
		for id, p := range c.t.people {
			if name != "" && strings.EqualFold(p.user.Username, name) {
				return c.t.chats[id], nil
			}
		}
		return nil, badRequest("chat not found")
	}
	id, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	ch := c.t.chats[id]
	if ch == nil {
		return nil, badRequest("chat not found")
	}
	if ch.moved != 0 {
		return nil, &apiError{
			code: http.StatusBadRequest, text: "Bad Request: group chat was upgraded to a supergroup chat", migrateTo: ch.moved,
		}
	}
	return ch, nil
}

// writable is chat for methods that need the right to write there.
func (c *call) writable() (*chat, *apiError) {
	ch, fail := c.chat()
	if fail != nil {
		return nil, fail
	}
	if ch.kind == chatPrivate {
		p := c.t.people[ch.id]
		switch {
		case p.blocked:
			return nil, forbidden("bot was blocked by the user")
		case !p.started:
			return nil, forbidden("bot can't initiate conversation with a user")
		}
		return ch, nil
	}
	if ch.gone {
		return nil, forbidden("bot was kicked from the " + ch.kind + " chat")
	}
	return ch, nil
}
