package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRequest is the longest request read, in bytes.
const maxRequest = 1 << 20

// call is one admitted request. Handlers run under the server's lock.
type call struct {
	*http.Request
	key     Key
	body    []byte
	trouble Trouble // the fault it meets; the zero value for none
}

// handle serves one route: admission, fault, truth, answer.
func (s *Server) handle(method, path string, do func(call) answer) {
	s.api.HandleFunc(method+" /v3"+path, func(w http.ResponseWriter, r *http.Request) {
		trouble := s.next(method, path)
		if trouble.Fault == Down {
			cut(w)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
		if err != nil {
			cut(w)
			return
		}
		s.hear(r, body)
		if s.before(w, trouble) {
			return
		}
		s.mu.Lock()
		now := s.o.Now()
		s.tick(now)
		key, no := s.admit(r)
		a := answer{problem: no}
		switch {
		case no != nil:
		case len(body) > maxRequest:
			a.problem = &problem{status: 413, code: "PAYLOAD_TOO_LARGE", message: "Request body is too large"}
		case trouble.refusal(s) != nil:
			a.problem = trouble.refusal(s)
		default:
			a = do(call{Request: r, key: key, body: body, trouble: trouble})
			s.spoil(&a, trouble, path)
		}
		status, out := a.encode(now)
		s.mu.Unlock()
		if a.problem != nil && a.problem.after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(a.problem.after/time.Second)))
		}
		s.after(w, r, trouble, status, out)
	})
}

func (s *Server) hear(r *http.Request, body []byte) {
	var b struct {
		Ref string `json:"ref"`
	}
	_ = json.Unmarshal(body, &b) // a body without a ref is heard without one
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, Heard{Method: r.Method, Path: strings.TrimPrefix(r.URL.EscapedPath(), "/v3"), Ref: b.Ref, At: s.o.Now()})
}

// query reads page, pageSize, from and to of a list call.
type query struct {
	page, size int
	from, to   time.Time
}

// readQuery checks a list call's parameters: from and to come both or neither, pageSize is 1 to 100.
func readQuery(r *http.Request) (query, *problem) {
	q, v := query{page: 1, size: 20}, r.URL.Query()
	for name, into := range map[string]*int{"page": &q.page, "pageSize": &q.size} {
		if !v.Has(name) {
			continue
		}
		n, err := strconv.Atoi(v.Get(name))
		if err != nil || n < 1 || (name == "pageSize" && n > 100) {
			return q, invalid(name, v.Get(name), "must be an integer in range")
		}
		*into = n
	}
	if v.Has("from") != v.Has("to") {
		return q, invalid("from", v.Get("from"), "must come with to")
	}
	for name, into := range map[string]*time.Time{"from": &q.from, "to": &q.to} {
		if !v.Has(name) {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, v.Get(name))
		if err != nil {
			return q, invalid(name, v.Get(name), "must match format date-time")
		}
		*into = t
	}
	return q, nil
}

// has tells whether a time lies in the window of the query.
func (q query) has(t time.Time) bool {
	return q.from.IsZero() || (!t.Before(q.from) && !t.After(q.to))
}

// paged cuts one page out of items, which are newest first already.
func paged(q query, key string, items []any) answer {
	pages := (len(items) + q.size - 1) / q.size
	start := min((q.page-1)*q.size, len(items))
	page := items[start:min(start+q.size, len(items))]
	if page == nil {
		page = []any{}
	}
	return answer{data: object{
		{key, page},
		{"pagination", object{{"page", q.page}, {"pageSize", q.size}, {"totalPages", max(pages, 1)}, {"totalResults", len(items)}}},
	}}
}

// objectID makes an id as the supplier's database does: Unix seconds and random, in hex.
func objectID(now time.Time) string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString([]byte{byte(now.Unix() >> 24), byte(now.Unix() >> 16), byte(now.Unix() >> 8), byte(now.Unix())}) + hex.EncodeToString(b)
}

// random is n random letters and digits.
func random(n int) string { return rand.Text()[:n] }

// digits is n random digits.
func digits(n int) string {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	v, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return strings.Repeat("0", n)
	}
	text := v.String()
	return strings.Repeat("0", n-len(text)) + text
}

// canary is a code nobody could mistake for anything else.
func canary() string {
	t := random(16)
	return t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:]
}
