package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object with its properties in order.
type object []property

type property struct {
	name  string
	value any
}

// MarshalJSON writes the properties in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(p.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// problem is an error as the supplier reports it.
type problem struct {
	status  int
	code    string
	message string
	details any
	after   time.Duration // Retry-After
}

func tooMany() *problem {
	return &problem{status: 429, code: "RATE_LIMIT_EXCEEDED", message: "Too many requests", after: 5 * time.Second}
}

func invalid(field string, value any, rule string) *problem {
	return &problem{
		status: 400, code: "ERR_VALIDATION", message: "body/" + field + " " + rule, details: object{{"field", field}, {"value", value}},
	}
}

func notFound() *problem {
	return &problem{status: 404, code: "NOT_FOUND", message: "Resource not found"}
}

// answer is what a call came to.
type answer struct {
	problem *problem
	data    any
	extra   object // beside data at the top
	bare    bool   // without meta and requestId
	raw     []byte // the whole body, when a fault spoilt it
}

// encode writes the envelope. Errors have no meta.
func (a answer) encode(now time.Time) (int, []byte) {
	if a.raw != nil {
		return http.StatusOK, a.raw
	}
	id := "req_" + strconv.FormatInt(now.Unix(), 10) + "_" + strings.ToLower(random(6))
	if p := a.problem; p != nil {
		fault := object{{"code", p.code}, {"message", p.message}}
		if p.details != nil {
			fault = append(fault, property{"details", p.details})
		}
		return p.status, marshal(object{{"success", false}, {"error", fault}, {"requestId", id}})
	}
	body := append(object{{"success", true}}, a.extra...)
	body = append(body, property{"data", a.data})
	if !a.bare {
		body = append(body, property{"meta", object{{"timestamp", stamp(now)}}}, property{"requestId", id})
	}
	return http.StatusOK, marshal(body)
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte(fmt.Sprintf(`{"success":false,"error":{"code":"INTERNAL_ERROR","message":%q}}`, err.Error()))
	}
	return b
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// stamp writes a time as the supplier does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// dinars writes centimes as a JSON number with the decimals it needs, or as a text.
func (s *Server) dinars(centimes int64) json.RawMessage {
	digits := strconv.FormatInt(centimes/100, 10)
	if rest := centimes % 100; rest != 0 {
		digits += strings.TrimRight(fmt.Sprintf(".%02d", rest), "0")
	}
	if s.style.NumberText {
		digits = strconv.Quote(digits)
	}
	return json.RawMessage(digits)
}
