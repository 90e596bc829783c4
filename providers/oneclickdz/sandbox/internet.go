package sandbox

import (
	"encoding/json"
	"strings"
	"time"
)

// The numbers of this simulator, invented by it: the supplier documents none for internet lines. Every well-formed number is
// a known line, but for these endings.
const (
	KnownADSL     = "021000000"
	KnownFourG    = "213660000000"
	EndsUnknown   = "99" // a line the operator does not know
	EndsQueued    = "77" // QUEUED for a day, then FULFILLED
	EndsRefunded  = "88" // REFUNDED
	queueFor      = 24 * time.Hour
	maxNumberSize = 12
)

// topup is one internet order. Its fate is decided when it is sent.
type topup struct {
	id, env, ref string // ref as the supplier keeps it
	given        string // ref as it came
	kind, number string
	value        int64 // in dinars
	cost         int64 // in centimes; 0 with a sandbox key
	code, trans  string
	time, ready  time.Time
	queued       time.Time // QUEUED until then; zero for never
	done         time.Time // when it became final; zero before
	refunded     bool
	codeless     bool
}

func (t *topup) status(now time.Time) string {
	switch {
	case t.done.IsZero() && !t.queued.IsZero() && !now.Before(t.ready):
		return "QUEUED"
	case t.done.IsZero():
		return "HANDLING"
	case t.refunded:
		return "REFUNDED"
	}
	return "FULFILLED"
}

// internetProducts lists the cards of one type.
func (s *Server) internetProducts(c call) answer {
	kind := c.URL.Query().Get("type")
	if kind != "ADSL" && kind != "4G" {
		return answer{problem: invalid("type", kind, "must be equal to one of the allowed values")}
	}
	products := []object{}
	for _, l := range s.lines {
		if l.Type == kind {
			products = append(products, object{{"value", l.Value}, {"cost", s.dinars(l.Cost)}, {"available", !l.Unavailable}})
		}
	}
	if s.style.BareProducts {
		return answer{data: products}
	}
	return answer{data: object{{"type", kind}, {"products", products}}}
}

// fits tells whether a number has its type's form.
func fits(kind, number string) bool {
	if number == "" || len(number) > maxNumberSize || strings.Trim(number, "0123456789") != "" {
		return false
	}
	return (kind == "ADSL" && number[0] == '0' && len(number) == 9) || (kind == "4G" && strings.HasPrefix(number, "213") && len(number) == 12)
}

func (s *Server) badPhone(kind, number, reason string) *problem {
	status := s.style.PhoneStatus
	if status == 0 {
		status = 400
	}
	return &problem{
		status: status, code: "ERR_PHONE", message: "Invalid phone number",
		details: object{{"number", number}, {"type", kind}, {"reason", reason}},
	}
}

// checkNumber asks the operator about a line.
func (s *Server) checkNumber(c call) answer {
	kind, number := c.URL.Query().Get("type"), c.URL.Query().Get("number")
	switch {
	case !fits(kind, number):
		return answer{problem: s.badPhone(kind, number, "format")}
	case strings.HasSuffix(number, EndsUnknown):
		return answer{problem: s.badPhone(kind, number, "unknown line")}
	case kind == "4G":
		return answer{data: object{{"ncli", "****" + number[8:]}, {"type", "4GLTE"}}}
	}
	return answer{data: object{{"ncli", "****" + number[5:]}, {"offre", "IDOOM ADSL"}, {"type", "ADSL"}}}
}

// send sells one card for a line. A ref that was used is refused, not answered again.
func (s *Server) send(c call) answer {
	var b struct {
		Type   string      `json:"type"`
		Number string      `json:"number"`
		Value  json.Number `json:"value"`
		Ref    string      `json:"ref"`
	}
	if json.Unmarshal(c.body, &b) != nil || (b.Type != "ADSL" && b.Type != "4G") {
		return answer{problem: invalid("type", b.Type, "must be equal to one of the allowed values")}
	}
	if !fits(b.Type, b.Number) || strings.HasSuffix(b.Number, EndsUnknown) {
		return answer{problem: s.badPhone(b.Type, b.Number, "unknown line")}
	}
	value, err := b.Value.Int64()
	var line *InternetLine
	for _, l := range s.lines {
		if err == nil && l.Type == b.Type && l.Value == value {
			line = l
		}
	}
	if line == nil {
		return answer{problem: invalid("value", b.Value, "must be a listed value")}
	}
	now := s.o.Now()
	t := &topup{
		id: objectID(now), env: c.key.Type, given: b.Ref, kind: b.Type, number: b.Number, value: value, time: now, ready: now.Add(s.delay),
		code: digits(16), trans: "AT-" + now.UTC().Format("2006") + "-" + digits(8), codeless: c.trouble.Fault == MissingCode,
	}
	if no := s.ring(t, line, c.key); no != nil {
		return answer{problem: no}
	}
	s.fate(t, c.trouble.Fault)
	s.topups = append(s.topups, t)
	return answer{data: object{{"topupId", t.id}, {"topupRef", t.ref}}}
}

// ring takes the ref and the money of a top-up.
func (s *Server) ring(t *topup, line *InternetLine, k Key) *problem {
	if t.given == "" {
		t.given = "auto-" + random(10)
	}
	t.ref = t.given
	if !s.style.PlainRef {
		t.ref = "API-" + s.o.User + "-" + t.given
	}
	for _, old := range s.topups {
		if old.env == t.env && old.given == t.given {
			code := "DUPLICATED_REF"
			if s.style.HyphenDuplicate {
				code = "DUPLICATED-REF"
			}
			return &problem{status: 403, code: code, message: "This ref was used before"}
		}
	}
	switch {
	case line.Unavailable:
		return s.noStock()
	case k.play():
		return nil
	case line.Cost > s.balance:
		return s.noFunds(line.Cost)
	}
	t.cost = line.Cost
	s.book("ADSL", t.id, -t.cost, t.time)
	return nil
}

// fate decides what becomes of a top-up, by its fault or its number.
func (s *Server) fate(t *topup, f Fault) {
	if f == Queued || f == QueuedRefund || strings.HasSuffix(t.number, EndsQueued) {
		t.queued = t.ready.Add(queueFor)
	}
	t.refunded = f == RefundAll || f == QueuedRefund || strings.HasSuffix(t.number, EndsRefunded)
	s.pending = append(s.pending, func(now time.Time, force bool) bool {
		if !force && (now.Before(t.ready) || now.Before(t.queued)) {
			return false
		}
		t.done = now
		if t.refunded && t.cost > 0 {
			s.book("REFUND-ADSL", t.id, t.cost, now)
		}
		return true
	})
}
