package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"

	"cardrop/providers"
)

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	maxHook      = 1 << 20          // bytes of one update
	hookPatience = 5 * time.Second  // then Telegram shall bring the update again
	hookLimit    = 25 * time.Second // the longest a request waits for its lane
	hookAgain    = "3"              // seconds until Telegram shall try again
	hookLines    = 100              // connections Telegram may open at once
)

// digest keeps a webhook's secret comparable in constant time, whatever its length.
type digest [sha256.Size]byte

// matches tells whether the request carries the secret, exactly once.
func (d digest) matches(r *http.Request) bool {
	given := r.Header.Values(secretHeader)
	text := ""
	if len(given) > 0 {
		text = given[0]
	}
	sum := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(sum[:], d[:]) == 1 && len(given) == 1
}

// validSecret holds a webhook's secret to the Bot API: 1 to 256 of A-Z, a-z, 0-9, underscore and hyphen.
func validSecret(text string) bool {
	if text == "" || len(text) > 256 {
		return false
	}
	for _, r := range text {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// WebhookHandler receives updates in webhook mode. It answers 200 only after an update's effect is stored; 401 without the
// secret, 405 for anything but POST, 413 over 1 MiB, 400 for what is no update, and 503 with Retry-After while it is overloaded,
// starting, stopping or without its memory. Telegram then brings the update again, in order within its chat.
func (b *Bot) WebhookHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.hook == "" || !b.digest.matches(r) {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		a, err := arrive(raw, b.Username())
		if err != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		if b.Username() == "" || b.desk == nil || !b.receive(r.Context(), a) {
			w.Header().Set("Retry-After", hookAgain)
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// receive takes one update through its lane and reports whether its effect is stored.
func (b *Bot) receive(ctx context.Context, a arrival) bool {
	handled := make(chan bool, 1)
	var gone atomic.Bool
	err := b.take(ctx, delivery{
		arrival: a, patience: hookPatience, gone: gone.Load,
		settled: func(done bool) { handled <- done },
	})
	if err != nil {
		b.log.Warn("update put off", "error", err)
		return false
	}
	limit := time.NewTimer(hookLimit)
	defer limit.Stop()
	select {
	case done := <-handled:
		return done
	case <-ctx.Done():
	case <-limit.C:
	}
	gone.Store(true)
	return false
}

// setHook tells Telegram where to bring updates, until it has understood.
func (b *Bot) setHook(ctx context.Context, address string, secret providers.Secret) {
	for try := 1; ctx.Err() == nil; try++ {
		err := b.out.do(ctx, errand{rank: rankReply, lot: lotAnswer, repeat: true}, "setWebhook", func(ctx context.Context) error {
			_, err := b.out.api.SetWebhook(ctx, &bot.SetWebhookParams{
				URL: address, SecretToken: secret.Expose(), AllowedUpdates: allowedUpdates(), MaxConnections: hookLines,
			})
			return err
		})
		if err == nil {
			return
		}
		b.log.Error("webhook not set", "error", err)
		if b.wait(ctx, backoff(try, time.Second, time.Minute)) != nil {
			return
		}
	}
}
