package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"cardrop/flows"
	"cardrop/flows/checkout"
)

// answer is a response with codes, whole: it leaves at once or not at all.
type answer struct {
	body    []byte
	headers map[string]string
}

// shownCards is the page with the codes, read.
type shownCards struct {
	flows.WebCards
	Cards   []shownCard // in the place of the secret ones
	Seconds int         // until it clears itself
}

type shownCard struct {
	Title   string
	Secrets []shownSecret
	Facts   []string
}

type shownSecret struct{ Label, Value string }

// draw makes the answer from the cards, as a page or as a file: the one place where codes leave their Secrets on the way to a browser. Its
// errors hold no code.
func (l *Links) draw(p checkout.Parcel) (answer, error) {
	if p.File {
		file := l.o.Words.WebFile(p)
		return answer{body: []byte(file.Data.Expose()), headers: map[string]string{"Content-Type": "text/plain; charset=utf-8",
			"Content-Disposition": fmt.Sprintf("attachment; filename=%q", file.Name)}}, nil
	}
	page := shownCards{WebCards: l.o.Words.WebCards(p), Seconds: int(p.Life / time.Second)}
	for _, c := range page.WebCards.Cards {
		card := shownCard{Title: c.Title, Facts: c.Facts}
		for _, s := range c.Secrets {
			card.Secrets = append(card.Secrets, shownSecret{s.Label, s.Value.Expose()})
		}
		page.Cards = append(page.Cards, card)
	}
	var b bytes.Buffer
	if err := l.pages.ExecuteTemplate(&b, "cards.html", page); err != nil {
		return answer{}, errNoCards
	}
	return answer{body: b.Bytes(), headers: map[string]string{"Content-Type": "text/html; charset=utf-8",
		"Refresh": strconv.Itoa(page.Seconds) + "; url=gone"}}, nil
}

// limit bounds how long an answer may take to leave: as long as the context, and writeLimit at most.
func limit(ctx context.Context, w http.ResponseWriter) error {
	end := time.Now().Add(writeLimit)
	if at, ok := ctx.Deadline(); ok && at.Before(end) {
		end = at
	}
	if err := http.NewResponseController(w).SetWriteDeadline(end); err != nil {
		return fmt.Errorf("limit answer: %w", err)
	}
	return nil
}

// leave writes the answer and waits until it has left this process. Its bytes are wiped.
func (a answer) leave(w http.ResponseWriter) error {
	defer clear(a.body)
	for name, value := range a.headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	if _, err := w.Write(a.body); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}
