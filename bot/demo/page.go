package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

//go:embed page
var pageFiles embed.FS

// heartbeat is how often a silent event stream shows that it lives.
const heartbeat = 20 * time.Second

// pageHandler serves the chat page. The page loads nothing from elsewhere and holds no inline script or style.
func pageHandler() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		return http.NotFoundHandler() // the embedded folder is fixed at build time
	}
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		serve.ServeHTTP(w, r)
	})
}

// serveEvents streams what a user sees of a chat: the whole State, first at once and then whenever it differs. Changes that come faster than
// the client reads are joined.
func (t *Telegram) serveEvents(w http.ResponseWriter, r *http.Request) {
	chat, user := viewed(r.URL.Query())
	state, changed, err := t.View(chat, user)
	if err != nil {
		writeClient(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var last []byte
	for {
		now, err := json.Marshal(state)
		if err != nil {
			t.opts.Logger.Error("encode state", "error", err)
			return
		}
		if !bytes.Equal(now, last) {
			last = now
			if _, err := fmt.Fprintf(w, "event: state\ndata: %s\n\n", now); err != nil {
				return
			}
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-changed:
			if state, changed, err = t.View(chat, user); err != nil {
				return
			}
		case <-beat.C:
			if _, err := fmt.Fprint(w, ": alive\n\n"); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-t.done:
			return
		}
	}
}
