package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Webhook delivery: the pause after a failure doubles from firstPause to lastPause, or is what Retry-After says, up to maxRetryAfter.
const (
	firstPause    = time.Second
	lastPause     = time.Minute
	maxRetryAfter = time.Hour
	maxSecret     = 256
	maxParallel   = 100
	stdParallel   = 40
)

// webhook is the address that gets the updates. Each chat's updates go one after another, several chats' at the same time.
type webhook struct {
	ctx    context.Context //nolint:containedctx // ends with the webhook
	cancel context.CancelFunc
	url    string
	secret string
	slots  chan struct{}  // one for each connection
	busy   map[int64]bool // chats with a running delivery

	lastError   string
	lastErrorAt time.Time
}

// setWebhook answers the method of that name; an empty url is deleteWebhook.
func (t *Telegram) setWebhook(c *call) (any, *apiError) {
	address := c.values["url"]
	if address == "" {
		return t.deleteWebhook(c)
	}
	if !validHook(address) {
		return nil, badRequest("bad webhook: HTTPS URL must be provided for webhook")
	}
	secret := c.values["secret_token"]
	if len(secret) > maxSecret {
		return nil, badRequest("secret token is too long")
	}
	for _, r := range secret {
		if leading(string(r)) == 0 && r != '-' {
			return nil, badRequest("secret token contains unallowed characters")
		}
	}
	parallel := int(c.integer("max_connections"))
	if _, given := c.values["max_connections"]; !given {
		parallel = stdParallel
	}
	if parallel < 1 || parallel > maxParallel {
		return nil, badRequest("wrong parameter max_connections in request")
	}
	if fail := c.allow(); fail != nil {
		return nil, fail
	}
	t.dropHook()
	t.cutPoll("terminated by setWebhook request")
	if c.boolean("drop_pending_updates") {
		t.inbox.queue = nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.ctx)) // delivery outlives the request
	t.hook = &webhook{
		ctx: ctx, cancel: cancel, url: address, secret: secret, slots: make(chan struct{}, parallel), busy: map[int64]bool{},
	}
	t.pump()
	return true, nil
}

// validHook accepts https anywhere and http on loopback.
func validHook(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback()))
}

// deleteWebhook answers the method of that name.
func (t *Telegram) deleteWebhook(c *call) (any, *apiError) {
	t.dropHook()
	if c.boolean("drop_pending_updates") {
		t.inbox.queue = nil
	}
	return true, nil
}

func (t *Telegram) dropHook() {
	if t.hook != nil {
		t.hook.cancel()
		t.hook = nil
	}
}

// webhookInfo answers getWebhookInfo.
func (t *Telegram) webhookInfo(*call) (any, *apiError) {
	t.prune()
	info := map[string]any{"url": "", "has_custom_certificate": false, "pending_update_count": len(t.inbox.queue)}
	if t.inbox.allowed != nil {
		info["allowed_updates"] = t.inbox.allowed
	}
	if h := t.hook; h != nil {
		info["url"], info["max_connections"] = h.url, cap(h.slots)
		if h.lastError != "" {
			info["last_error_message"], info["last_error_date"] = h.lastError, h.lastErrorAt.Unix()
		}
	}
	return info, nil
}

// pump starts a delivery for each chat that has updates and none yet; the caller holds the lock.
func (t *Telegram) pump() {
	if t.hook == nil {
		return
	}
	for _, u := range t.inbox.queue {
		if !t.hook.busy[u.chat] {
			t.hook.busy[u.chat] = true
			go t.deliver(t.hook, u.chat)
		}
	}
}

// deliver posts the updates of one chat until none is left or the webhook ends.
func (t *Telegram) deliver(h *webhook, chat int64) {
	rest := firstPause
	for {
		u := t.oldest(h, chat)
		if u == nil {
			return
		}
		retryAfter, err := t.postTo(h, u)
		if h.ctx.Err() != nil {
			return
		}
		if err == nil {
			t.confirmOne(h, u)
			rest = firstPause
			continue
		}
		t.noteFailure(h, err)
		wait := rest
		if retryAfter > 0 {
			wait = min(retryAfter, maxRetryAfter)
		} else {
			rest = min(rest*2, lastPause)
		}
		if t.opts.Wait(h.ctx, wait) != nil {
			return
		}
	}
}

// oldest returns the chat's first update; without one the delivery of the chat is over.
func (t *Telegram) oldest(h *webhook, chat int64) *update {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hook != h {
		return nil
	}
	t.prune()
	for _, u := range t.inbox.queue {
		if u.chat == chat {
			return u
		}
	}
	delete(h.busy, chat)
	return nil
}

func (t *Telegram) confirmOne(h *webhook, done *update) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hook == h {
		t.inbox.queue = slices.DeleteFunc(t.inbox.queue, func(u *update) bool { return u == done })
		t.touch(nil)
	}
}

func (t *Telegram) noteFailure(h *webhook, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h.lastError, h.lastErrorAt = err.Error(), t.now()
}

// postTo sends one update over a free connection. A failure carries no address and no secret; retryAfter is zero when the answer names none.
func (t *Telegram) postTo(h *webhook, u *update) (retryAfter time.Duration, err error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-h.ctx.Done():
		return 0, h.ctx.Err()
	}
	req, err := http.NewRequestWithContext(h.ctx, http.MethodPost, h.url, bytes.NewReader(u.body))
	if err != nil {
		return 0, errors.New("bad address")
	}
	req.Header.Set("Content-Type", "application/json")
	if h.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.secret)
	}
	resp, err := t.opts.WebhookClient.Do(req)
	if err != nil {
		return 0, errors.New("connection failed")
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // so that the connection can be used again
	if resp.StatusCode/100 == 2 {
		return 0, nil
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		retryAfter = time.Duration(seconds) * time.Second
	}
	return retryAfter, fmt.Errorf("wrong response from the webhook: %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
}
