package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"cardrop/flows"
	"cardrop/flows/checkout"
)

// LinkPath is where one-time links hang: LinkPath<language>/<token>.
const LinkPath = "/l/"

// pageFiles are the pages' templates and what they load.
//
//go:embed page
var pageFiles embed.FS

// writeLimit is how long the answer with cards may take to leave.
const writeLimit = 20 * time.Second

// errNoCards means that the answer with the cards could not be made.
var errNoCards = errors.New("page cannot be drawn")

// LinkOptions configure Links.
type LinkOptions struct {
	HTTPS bool // asked for by PUBLIC_URL; without it only this machine is answered
	Open  func(ctx context.Context, token string, caller checkout.Caller, file bool, show func(context.Context, checkout.Parcel) error) error
	Words *flows.Words
	Now   func() time.Time
	Log   *slog.Logger
}

// Links is the pages behind one-time links. GET shows a page that is the same for every link and asks nobody; only the POST of its button
// opens one. What opens nothing has one answer, whatever the reason.
type Links struct {
	o     LinkOptions
	mux   *http.ServeMux
	pages *template.Template
	pace  *pace
}

// NewLinks makes the pages.
func NewLinks(o LinkOptions) (*Links, error) {
	l := &Links{o: o, mux: http.NewServeMux(), pace: newPace(linkBurst, linkEvery)}
	var err error
	if l.pages, err = template.ParseFS(pageFiles, "page/*.html"); err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	for _, name := range []string{"link.css", "link.js"} {
		l.mux.HandleFunc("GET "+LinkPath+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, name) })
	}
	l.mux.HandleFunc("GET "+LinkPath+"{language}/{token}", l.closed)
	l.mux.HandleFunc("POST "+LinkPath+"{language}/{token}", l.open)
	l.mux.HandleFunc("GET "+LinkPath+"{language}/gone", l.gone)
	return l, nil
}

// ServeHTTP answers. Nothing of it may be kept, framed, or told to other sites.
func (l *Links) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store, private, max-age=0")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	defer l.caught(w)
	words := l.o.Words.WebPage(languageOf(r))
	from, safe := l.caller(r)
	if !safe {
		l.note(w, http.StatusForbidden, words, words.Plain)
		return
	}
	if l.o.HTTPS {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if wait := l.pace.ask(from, l.o.Now()); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		l.note(w, http.StatusTooManyRequests, words, words.Busy)
		return
	}
	l.mux.ServeHTTP(w, r)
}

// caught ends a request whose handler panicked. The value is not logged: it may be anything.
func (l *Links) caught(w http.ResponseWriter) {
	if v := recover(); v != nil {
		l.o.Log.Error("panic", "in", "links", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// closed is the page with the button. It knows nothing of the link.
func (l *Links) closed(w http.ResponseWriter, r *http.Request) {
	l.page(w, http.StatusOK, "closed", l.o.Words.WebPage(r.PathValue("language")))
}

// gone is where a page with cards goes at its end. What the browser keeps of pages it left is dropped, too.
func (l *Links) gone(w http.ResponseWriter, r *http.Request) {
	words := l.o.Words.WebPage(r.PathValue("language"))
	w.Header().Set("Clear-Site-Data", `"cache"`)
	l.note(w, http.StatusOK, words, words.Gone)
}

// open is the press of the button.
func (l *Links) open(w http.ResponseWriter, r *http.Request) {
	words := l.o.Words.WebPage(r.PathValue("language"))
	from, _ := l.caller(r)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	file := r.PostFormValue("as") == "file"
	caller := checkout.Caller{Address: from.String(), Agent: r.UserAgent(), Language: words.Language}
	begun := false
	err := l.o.Open(context.WithoutCancel(r.Context()), r.PathValue("token"), caller, file, func(ctx context.Context, p checkout.Parcel) error {
		answer, err := l.draw(p)
		if err != nil {
			return err
		}
		if err := limit(ctx, w); err != nil {
			return err
		}
		begun = true
		return answer.leave(w)
	})
	switch {
	case err == nil:
	case begun: // the answer cannot be taken back, nor another be given
		l.o.Log.WarnContext(r.Context(), "cards may not have reached a browser", "err", err)
	case errors.Is(err, checkout.ErrNotFound):
		l.note(w, http.StatusNotFound, words, words.Dead)
	default:
		l.o.Log.WarnContext(r.Context(), "link was not opened, and opens still", "err", err)
		w.Header().Set("Retry-After", "60")
		l.note(w, http.StatusServiceUnavailable, words, words.Later)
	}
}

// noted is a page that says one thing.
type noted struct {
	flows.WebPage
	Note flows.WebNote
}

func (l *Links) note(w http.ResponseWriter, status int, words flows.WebPage, n flows.WebNote) {
	l.page(w, status, "note", noted{words, n})
}

// page writes a page without cards.
func (l *Links) page(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := l.pages.ExecuteTemplate(&b, name+".html", data); err != nil {
		l.o.Log.Error("page cannot be drawn", "page", name, "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
