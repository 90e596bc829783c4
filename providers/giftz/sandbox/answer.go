package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// The supplier's codes.
const (
	codeSold    = 200
	codeNone    = 202
	codeFunds   = 100
	codeExisted = 102
	codeInvalid = 106
	codeAddress = 108
)

// body is an answer before it is spelled.
type body struct {
	code    int
	message string
	count   int // number_of_vouchers; left out when zero
	list    []object
	raw     []byte // instead of all else: a hostile answer
}

// pair is one key of a JSON object.
type pair struct {
	key   string
	value any
}

// object is a JSON object in a given order.
type object []pair

// MarshalJSON writes the pairs in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(p.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// refusal is an answer without vouchers, in the supplier's words.
func refusal(code int) body {
	words := map[int]string{
		codeNone: "Buy voucher failed, voucher is not available", codeFunds: "Out of balance", codeExisted: "Transaction ID existed",
		codeInvalid: "Parameter is invalid", codeAddress: "Request from IP is not allowed",
	}
	return body{code: code, message: words[code]}
}

// render is the answer that hands out a trade's vouchers, spoiled as the trouble asks; the caller holds the lock.
func (s *Server) render(code int, message string, t *trade, trouble Trouble) body {
	b := body{code: code, message: message, list: []object{}}
	if trouble.Fault == Hostile {
		b.raw = s.spoil(t)
		return b
	}
	for _, v := range t.sold {
		b.list = append(b.list, s.spell(code, t.VoucherID, v, trouble))
	}
	if code == codeSold {
		b.count = len(t.sold)
	}
	if trouble.Fault == WrongCount && len(b.list) > 0 {
		b.list = b.list[1:]
	}
	return b
}

// spell is one voucher on the wire; the caller holds the lock.
func (s *Server) spell(code int, id string, v sold, trouble Trouble) object {
	password := s.o.Password
	secure := v.secure
	switch trouble.Fault {
	case WrongPassword:
		password = "another password of 32 bytes, so"
	case MissingField:
		secure = secure[:len(secure)-1]
	case OtherLine:
		id += "_OTHER"
	}
	names := [2]string{"custom_data", "secure_data"}
	if s.style.SandboxNames && code == codeExisted {
		names = [2]string{"public_info", "subscription_data"}
	}
	var custom any = v.custom
	if !s.style.CustomObject {
		custom = string(jsonOf(v.custom))
	}
	return object{{"voucher_id", id}, {names[0], custom}, {names[1], encrypt(password, jsonOf(secure))}}
}

// write sends an answer, in the spelling of the style, spoiled as the trouble asks.
func (s *Server) write(w http.ResponseWriter, b body, trouble Trouble) {
	s.mu.Lock()
	style := s.style
	s.mu.Unlock()
	raw, status := b.raw, http.StatusOK
	if raw == nil {
		raw = b.spelled(style)
	}
	if b.under() == "errors" && style.ErrorStatus != 0 {
		status = style.ErrorStatus
	}
	switch trouble.Fault {
	case LostAfter:
		cut(w)
		return
	case ErrorAfter:
		page(w, http.StatusInternalServerError, "500 Internal Server Error")
		return
	case CutJSON:
		raw = raw[:len(raw)*2/3]
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// under is the envelope a code belongs to.
func (b body) under() string {
	if b.code == codeSold || b.code == codeNone {
		return "data"
	}
	return "errors"
}

// spelled is the answer as JSON: codes under data are texts and codes under errors numbers, unless the style says otherwise.
func (b body) spelled(style Style) []byte {
	status := map[int]string{codeSold: "success", codeNone: "fail"}[b.code]
	if status == "" {
		status = "error"
	}
	var code any = b.code
	if (b.under() == "data" && !style.NumberCodes) || style.TextCodes {
		code = strconv.Itoa(b.code)
	}
	o := object{{"code", code}, {"status", status}, {"message", b.message}}
	if b.count > 0 {
		o = append(o, pair{"number_of_vouchers", b.count})
	}
	if b.list != nil {
		o = append(o, pair{"vouchers", b.list})
	}
	return jsonOf(object{{b.under(), o}})
}

// jsonOf cannot fail: it gets objects of texts, numbers and lists only.
func jsonOf(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // ends the connection where it cannot be taken over
	}
	_ = conn.Close()
}

// page is what a gateway says in place of the supplier.
func page(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html><body>" + title + "</body></html>"))
}
