package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows"
)

// relay stands before an emulated Telegram and notes what is asked for and given by getUpdates. In the first answer that brings anything it
// repeats one update further behind, as a server that fails over may.
type relay struct {
	mu     sync.Mutex
	asked  []polled
	given  [][]int64
	copied int64 // the update that came twice in one answer
}

// polled is what a call of getUpdates asked for.
type polled struct {
	Offset int64 `json:"offset"`
	Limit  int   `json:"limit"`
}

// The places in the first answer: of the update that is repeated, and of its repetition.
const (
	original   = 10
	repetition = 60
)

// front serves the relay before a server and returns its address.
func (r *relay) front(t *testing.T, behind string) string {
	t.Helper()
	target, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		ErrorLog: log.New(io.Discard, "", 0), // a poll that ends with the bot
		Rewrite:  func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ModifyResponse: func(a *http.Response) error {
			if strings.HasSuffix(a.Request.URL.Path, "/getUpdates") && a.StatusCode == http.StatusOK {
				return r.answered(a)
			}
			return nil
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasSuffix(q.URL.Path, "/getUpdates") {
			body, err := io.ReadAll(q.Body)
			var asked polled
			if err != nil || json.Unmarshal(body, &asked) != nil {
				t.Errorf("getUpdates asked by %q, %v", body, err)
			}
			r.mu.Lock()
			r.asked = append(r.asked, asked)
			r.mu.Unlock()
			q.Body = io.NopCloser(bytes.NewReader(body))
		}
		proxy.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (r *relay) answered(a *http.Response) error {
	var answer struct {
		OK     bool              `json:"ok"`
		Result []json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(a.Body).Decode(&answer); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.copied == 0 && len(answer.Result) > repetition {
		answer.Result = slices.Insert(answer.Result, repetition, answer.Result[original])
	}
	ids := make([]int64, len(answer.Result))
	for i, raw := range answer.Result {
		var head struct {
			ID int64 `json:"update_id"`
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			return err
		}
		ids[i] = head.ID
	}
	if r.given = append(r.given, ids); r.copied == 0 && len(ids) > repetition {
		r.copied = ids[repetition]
	}
	body, err := json.Marshal(answer)
	a.Body, a.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	a.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return err
}

// polls is what was asked for so far.
func (r *relay) polls() []polled {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

// ledger is what a desk has done, by chat, in order.
type ledger struct {
	mu   sync.Mutex
	done map[int64][]string
}

func (l *ledger) write(chat int64, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[chat] = append(l.done[chat], text)
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, texts := range l.done {
		n += len(texts)
	}
	return n
}

// until waits for something that a test cannot be told of.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for ctx := soon(t); !holds(); {
		if err := rest(ctx, grace/20); err != nil {
			t.Fatal(what)
		}
	}
}

// TestBatchOfAHundred: a hundred updates of four chats come in one answer, one of them twice, and one chat's third cannot be stored yet. Each
// has its effect once, and in its chat's order; the offset stays at the one that is stuck, however often the rest comes again, and
// passes all when it is stored.
func TestBatchOfAHundred(t *testing.T) {
	const lina, rounds, stuck = int64(71000004), 25, "71000001/2"
	seen := &relay{}
	r := newRig(t, func(o *Options) { o.APIURL = seen.front(t, o.APIURL) })
	r.tg.NewUser(lina, "Lina", "en")
	chats := []int64{amina, omar, nadia, lina}
	want := map[int64][]string{}
	for i := range rounds {
		for _, chat := range chats {
			if i == rounds-1 && chat == lina { // 99: the repetition is the hundredth
				continue
			}
			text := fmt.Sprintf("%d/%d", chat, i)
			r.say(t, chat, text)
			want[chat] = append(want[chat], text)
		}
	}
	const all = rounds*4 - 1
	did := &ledger{done: map[int64][]string{}}
	release := make(chan struct{})
	r.desk.handle = func(ctx context.Context, in flows.Input) (flows.Reply, error) {
		if in.Text == stuck {
			select {
			case <-release:
			case <-ctx.Done():
				return flows.Reply{}, ctx.Err()
			}
		}
		did.write(in.Chat, in.Text)
		return flows.Reply{}, nil
	}
	r.start(t)
	until(t, "the other chats wait for the one that is stuck", func() bool { return did.count() >= all-(rounds-2) })
	seen.mu.Lock()
	batch := seen.given[0]
	seen.mu.Unlock()
	if len(batch) != batchSize || batch[original] != batch[repetition] || seen.copied != batch[original] {
		t.Fatalf("the first answer brought %v", batch)
	}
	head := batch[0] + 2*int64(len(chats)) // the stuck one
	until(t, "the offset does not reach the update that is stuck", func() bool {
		at := 0
		for _, p := range seen.polls() {
			if p.Offset == head {
				at++
			}
		}
		return at >= 2 // so that the rest has come once more
	})
	if n := r.tg.Pending(); n != all-2*len(chats) {
		t.Errorf("%d unconfirmed, want %d", n, all-2*len(chats))
	}
	before := len(seen.polls())
	close(release)
	until(t, "not all were handled", func() bool { return did.count() >= all })
	r.halt(t)

	if diff := cmp.Diff(want, did.done); diff != "" {
		t.Errorf("handled (-want +got):\n%s", diff)
	}
	if n := r.tg.Pending(); n != 0 {
		t.Errorf("%d unconfirmed at the end", n)
	}
	last := int64(0)
	for i, p := range seen.polls() {
		if p.Offset < last || i < before && p.Offset > head {
			t.Errorf("poll %d asked from %d, after %d; %d was stuck until poll %d", i, p.Offset, last, head, before)
		}
		last = p.Offset
	}
	if asked := seen.polls()[0]; asked.Offset != 0 || asked.Limit != batchSize || last != batch[0]+all {
		t.Errorf("first asked for %+v, at last from %d, want %d", asked, last, batch[0]+all)
	}
}
