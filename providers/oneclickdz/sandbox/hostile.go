package sandbox

import (
	"fmt"
	"strings"
)

// spoil replaces a good answer by a hostile one, another shape each time: valid JSON, wrong types, absurd values. None of
// them is a true refusal or a true refund. The caller holds the lock.
func (s *Server) spoil(a *answer, t Trouble, path string) {
	if t.Fault != Hostile || a.problem != nil {
		return
	}
	shapes := envelopes()
	switch {
	case strings.Contains(path, "/checkOrder/"):
		shapes = append(orderShapes(), shapes...)
	case isQuestion(path):
		shapes = append(topupShapes(), shapes...)
	}
	a.raw = []byte(shapes[s.hostile%len(shapes)])
	s.hostile++
}

// envelopes are wrong for every call.
func envelopes() []string {
	return []string{
		`{}`, `[]`, `null`, `"ok"`, `17`, `{"success":true}`, `{"success":true,"data":null}`, `{"success":true,"data":[]}`,
		`{"success":true,"data":"65bb00000000000000000001"}`, `{"success":true,"data":{"orderId":7,"topupId":7}}`,
		`{"success":true,"data":{"orderId":"","topupId":""}}`, `{"success":true,"data":{"orderId":"../list","topupId":"a/b?c=d"}}`,
		`{"success":true,"data":{"orderId":["x"],"topupId":{"_id":{"_id":"x"}}}}`, `{"success":false}`, `{"success":"false","error":[]}`,
		`{"success":false,"error":"INSUFFICIENT_BALANCE"}`, `{"success":false,"error":{"code":{"a":1}}}`,
		`{"success":true,"error":{"code":"INSUFFICIENT_BALANCE"}}`, `{"success":false,"error":{"code":"INTERNAL_ERROR","message":"out of stock"}}`,
		`{"success":true,"data":{"orderId":"` + strings.Repeat("a", 5000) + `"}}`,
	}
}

// orderShapes are answers to checkOrder.
func orderShapes() []string {
	order := func(inner string) string { return `{"success":true,"data":{` + inner + `}}` }
	return []string{
		order(`"status":7`), order(`"status":["FULFILLED"]`), order(`"status":"SOMETHING_NEW"`), order(`"status":"FULFILLED"`),
		order(`"status":"FULFILLED","quantity":2,"fulfilled_quantity":2,"cards":null`),
		order(`"status":"FULFILLED","quantity":2,"fulfilled_quantity":2,"cards":"AAAA"`),
		order(`"status":"FULFILLED","quantity":2,"fulfilled_quantity":2,"cards":["A","B"]`),
		order(`"status":"FULFILLED","quantity":2,"fulfilled_quantity":2,"cards":[{"value":{"a":1}},{"value":null}]`),
		order(`"status":"FULFILLED","quantity":2,"fulfilled_quantity":2,"cards":[{"value":"SAME"},{"value":"SAME"}]`),
		order(`"status":"FULFILLED","quantity":-2,"fulfilled_quantity":1e99,"cards":[{"value":"A"},{"value":"B"}]`),
		order(`"status":"PARTIALLY_FILLED","quantity":2,"fulfilled_quantity":2,"cards":[{"value":"A"},{"value":"B"}]`),
		order(`"status":"PARTIALLY_FILLED","quantity":2,"fulfilled_quantity":0,"cards":[]`),
		order(`"status":"REFUNDED","quantity":2,"fulfilled_quantity":2,"cards":[{"value":"A"},{"value":"B"}]`),
		order(`"_id":"ffffffffffffffffffffffff","status":"REFUNDED","quantity":2,"fulfilled_quantity":0,"cards":[]`),
	}
}

// topupShapes are answers to check-id and check-ref.
func topupShapes() []string {
	topup := func(inner string) string { return `{"success":true,"data":{` + inner + `}}` }
	return []string{
		topup(`"status":7`), topup(`"status":{"a":"REFUNDED"}`), topup(`"status":"SOMETHING_NEW"`), topup(`"status":"FULFILLED"`),
		topup(`"status":"FULFILLED","card_code":""`), topup(`"status":"FULFILLED","card_code":["1"]`),
		topup(`"status":"FULFILLED","card_code":-1.5e300`), topup(`"status":"REFUNDED","card_code":"12345678"`),
		topup(`"status":"FULFILLED","card_code":"12345678","number":"029999999"`),
		topup(`"_id":"ffffffffffffffffffffffff","status":"REFUNDED"`), fmt.Sprintf(`{"success":true,"data":%s1%s}`, strings.Repeat("[", 200), strings.Repeat("]", 200)),
	}
}
