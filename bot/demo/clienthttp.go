package demo

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// act is the body of every POST under /client/; each path reads its own fields.
type act struct {
	Chat    int64   `json:"chat"`
	User    int64   `json:"user"`
	Message int     `json:"message"`
	ToChat  int64   `json:"to_chat"`
	Row     int     `json:"row"`
	Col     int     `json:"col"`
	Data    *string `json:"data"`  // press: any callback data
	Label   string  `json:"label"` // press: part of a button's text
	Speech

	ID       int64   `json:"id"` // user, group
	Name     string  `json:"first_name"`
	Language string  `json:"language_code"`
	Title    string  `json:"title"`
	Members  []int64 `json:"members"`
	On       bool    `json:"on"` // block, hide, flood, anonymous
	Seconds  float64 `json:"seconds"`
}

// clientHandler serves the people's side and the page.
func (t *Telegram) clientHandler() http.Handler {
	mux := http.NewServeMux()
	post := func(path string, do func(act) (any, error)) {
		mux.HandleFunc("POST /client/"+path, func(w http.ResponseWriter, r *http.Request) { t.serveAct(w, r, do) })
	}
	get := func(path string, do func(url.Values) (any, error)) {
		mux.HandleFunc("GET /client/"+path, func(w http.ResponseWriter, r *http.Request) {
			result, err := do(r.URL.Query())
			writeClient(w, result, err)
		})
	}
	post("say", func(a act) (any, error) { return t.Speak(a.Chat, a.User, a.Speech) })
	post("press", t.pressAct)
	post("pay", t.payAct)
	post("edit", func(a act) (any, error) { return nil, t.Edit(a.Chat, a.User, a.Message, a.Text) })
	post("forward", func(a act) (any, error) { return t.ForwardTo(a.User, a.Chat, a.Message, a.ToChat) })
	post("hide", func(a act) (any, error) { return nil, t.HideForwards(a.User, a.On) })
	post("block", func(a act) (any, error) { return nil, t.setBlocked(a.User, a.On) })
	post("user", func(a act) (any, error) { t.NewUser(a.ID, a.Name, a.Language); return nil, nil })
	post("group", func(a act) (any, error) { t.NewGroup(a.ID, a.Title, a.Members...); return nil, nil })
	post("promote", func(a act) (any, error) { return nil, t.Promote(a.Chat, a.User, a.On) })
	post("join", func(a act) (any, error) { return nil, t.Join(a.Chat, a.User) })
	post("leave", func(a act) (any, error) { return nil, t.Leave(a.Chat, a.User) })
	post("migrate", func(a act) (any, error) { return nil, t.Migrate(a.Chat, a.ToChat) })
	post("flood", func(a act) (any, error) { t.SetFloodControl(a.On); return nil, nil })
	post("offset", func(a act) (any, error) {
		t.SetOffset(time.Duration(a.Seconds * float64(time.Second)))
		return nil, nil
	})

	get("state", func(q url.Values) (any, error) {
		state, _, err := t.View(viewed(q))
		return state, err
	})
	get("history", func(q url.Values) (any, error) { return t.History(number(q, "chat")), nil })
	get("holding", func(q url.Values) (any, error) { return t.Holding(q.Get("text")), nil })
	get("journal", func(url.Values) (any, error) { return t.Journal(), nil })
	get("reports", func(url.Values) (any, error) { return t.Reports(), nil })
	get("callbacks", func(url.Values) (any, error) { return t.Callbacks(), nil })
	get("toasts", func(q url.Values) (any, error) { return t.Toasts(number(q, "user")), nil })
	get("faults", func(url.Values) (any, error) { return t.Faults(), nil })
	get("personas", func(url.Values) (any, error) { return t.opts.Cast, nil })
	get("stage", func(url.Values) (any, error) {
		return map[string]any{"cast": t.opts.Cast, "bot": t.bot, "room": t.opts.Room, "zone": t.opts.Zone}, nil
	})

	mux.HandleFunc("POST /client/picture", t.servePicture)
	mux.HandleFunc("POST /client/faults", t.serveNewFault)
	mux.HandleFunc("DELETE /client/faults", func(w http.ResponseWriter, _ *http.Request) { t.ClearFaults(); writeClient(w, nil, nil) })
	mux.HandleFunc("GET /client/file", t.serveClientFile)
	mux.HandleFunc("GET /client/events", t.serveEvents)
	mux.HandleFunc("GET /client/stream", t.serveStream)
	mux.Handle("GET /", pageHandler())
	return sameOrigin(mux)
}

// sameOrigin refuses requests that another site's page makes the browser send.
func sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" {
			if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
				http.Error(w, "another site's page may not use this", http.StatusForbidden)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (t *Telegram) serveAct(w http.ResponseWriter, r *http.Request, do func(act) (any, error)) {
	var a act
	if err := readClient(w, r, &a); err != nil {
		writeClient(w, nil, err)
		return
	}
	result, err := do(a)
	writeClient(w, result, err)
}

// errBadBody is what a body that cannot be read gets.
var errBadBody = errors.New("body is not the JSON expected here")

func readClient(w http.ResponseWriter, r *http.Request, dst any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if dec.Decode(dst) != nil {
		return errBadBody
	}
	return nil
}

func (t *Telegram) pressAct(a act) (any, error) {
	var id string
	var err error
	switch {
	case a.Data != nil:
		id, err = t.PressData(a.Chat, a.User, a.Message, *a.Data)
	case a.Label != "":
		id, err = t.PressText(a.Chat, a.User, a.Message, a.Label)
	default:
		id, err = t.Press(a.Chat, a.User, a.Message, a.Row, a.Col)
	}
	return map[string]string{"callback_query_id": id}, err
}

func (t *Telegram) serveNewFault(w http.ResponseWriter, r *http.Request) {
	var f struct {
		Fault
		DelayMS int64 `json:"delay_ms"`
	}
	err := readClient(w, r, &f)
	if err == nil {
		f.Delay = time.Duration(f.DelayMS) * time.Millisecond
		err = t.AddFault(f.Fault)
	}
	writeClient(w, nil, err)
}

func (t *Telegram) serveClientFile(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	f := t.files[r.URL.Query().Get("id")]
	t.mu.Unlock()
	if f == nil {
		writeClient(w, nil, ErrNoFile)
		return
	}
	writeFile(w, f)
}

// viewed reads chat and user; a missing chat is the user's private one.
func viewed(q url.Values) (chat, user int64) {
	chat, user = number(q, "chat"), number(q, "user")
	if user == 0 {
		user = chat
	}
	if chat == 0 {
		chat = user
	}
	return chat, user
}

func number(q url.Values, name string) int64 {
	n, err := strconv.ParseInt(q.Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// writeClient answers with the result, or with 400 and {"error": …}.
func writeClient(w http.ResponseWriter, result any, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]string{"error": err.Error()})
		return
	}
	if result == nil {
		result = map[string]bool{"ok": true}
	}
	writeJSON(w, result)
}
