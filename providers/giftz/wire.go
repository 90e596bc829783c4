package giftz

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cardrop/providers"
)

// The supplier's codes. Nothing else of an answer, neither its HTTP status nor its message, decides what happened.
const (
	codeSold    = 200
	codeNone    = 202 // the voucher, or the whole catalog, is not available
	codeFunds   = 100
	codeExisted = 102 // the trans_id was used before
	codeInvalid = 106 // a parameter, and probably a wrong checksum or user
	codeAddress = 108 // the caller's address is not on the supplier's list
)

// catalogRequest is the body of get-available-vouchers.
type catalogRequest struct {
	UserName string `json:"user_name"`
	Time     int64  `json:"time"` // Unix seconds
	Checksum string `json:"checksum"`
}

// buyRequest is the body of buy-voucher.
type buyRequest struct {
	UserName  string `json:"user_name"`
	TransID   string `json:"trans_id"`
	VoucherID string `json:"voucher_id"`
	Time      int64  `json:"time"` // Unix seconds
	Quantity  int    `json:"quantity"`
	Checksum  string `json:"checksum"`
}

// reply is what both envelopes, data and errors, may carry.
type reply struct {
	Code     number          `json:"code"`
	Count    json.RawMessage `json:"number_of_vouchers"`
	Vouchers json.RawMessage `json:"vouchers"`
}

// voucher is one sold voucher. Two spellings of each field are documented.
type voucher struct {
	ID         text            `json:"voucher_id"`
	Custom     json.RawMessage `json:"custom_data"`
	PublicInfo json.RawMessage `json:"public_info"`
	Secure     text            `json:"secure_data"`
	Subscribed text            `json:"subscription_data"`
}

// listed is one line of the catalog. The announced fields come as a comma-separated text or as an array.
type listed struct {
	ID        text              `json:"voucher_id"`
	Name      text              `json:"name"`
	Price     providers.Decimal `json:"price"`
	Publisher text              `json:"publisher"`
	Desc      text              `json:"desc"`
	Common    names             `json:"common_field"`
	Customs   names             `json:"custom_fields"`
	Secret    names             `json:"secret_field"`
	Secures   names             `json:"secure_fields"`
}

// number is a whole number that comes as a JSON number or as a text; anything else is -1.
type number int

// UnmarshalJSON reads 200 and "200".
func (n *number) UnmarshalJSON(data []byte) error {
	v, err := strconv.Atoi(strings.Trim(string(data), `"`))
	if err != nil {
		v = -1
	}
	*n = number(v)
	return nil
}

// text is a string that a careless server may send as a number; other types are empty.
type text string

// UnmarshalJSON reads "a" and 1.
func (s *text) UnmarshalJSON(data []byte) error {
	plain, ok := scalar(data)
	if ok {
		*s = text(plain)
	}
	return nil
}

// names is a list of field names: "code, url" or ["code","url"].
type names []string

// UnmarshalJSON reads both forms; another type is no name at all.
func (n *names) UnmarshalJSON(data []byte) error {
	var list []text
	if plain, ok := scalar(data); ok {
		for part := range strings.SplitSeq(plain, ",") {
			list = append(list, text(part))
		}
	} else if json.Unmarshal(data, &list) != nil {
		list = nil
	}
	*n = nil
	for _, part := range list {
		if name := strings.TrimSpace(string(part)); name != "" {
			*n = append(*n, name)
		}
	}
	return nil
}

// scalar gives the text of a JSON string, or the digits of a JSON number.
func scalar(data []byte) (string, bool) {
	if len(data) == 0 {
		return "", false
	}
	if data[0] == '"' {
		var s string
		err := json.Unmarshal(data, &s)
		return s, err == nil
	}
	if data[0] == '-' || (data[0] >= '0' && data[0] <= '9') {
		return string(data), true
	}
	return "", false
}

// readReply finds the envelope that carries a code. Two envelopes with different codes are none: nothing is known then. The
// error wraps providers.ErrUnknown.
func readReply(body []byte) (reply, error) {
	var envelope struct {
		Data   json.RawMessage `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}
	if err := providers.DecodeJSON(body, &envelope); err != nil {
		return reply{}, err
	}
	var found []reply
	for _, part := range []json.RawMessage{envelope.Data, envelope.Errors} {
		var r reply
		if json.Unmarshal(part, &r) == nil && r.Code > 0 {
			found = append(found, r)
		}
	}
	if len(found) == 0 || (len(found) == 2 && found[0].Code != found[1].Code) {
		return reply{}, fmt.Errorf("%w: answer of %d bytes carries no code", providers.ErrUnknown, len(body))
	}
	return found[0], nil
}

// empty tells whether no voucher came: nothing, null, or one of the ways in which PHP writes an empty list.
func (r reply) empty() bool {
	switch string(bytes.TrimSpace(r.Vouchers)) {
	case "", "null", "[]", "{}", `""`, "false":
		return true
	}
	return false
}

// post makes one of the two calls; both are a POST with JSON.
func (c *Client) post(ctx context.Context, call providers.Call, request any) (providers.Answer, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return providers.Answer{}, fmt.Errorf("giftz %s: %w: request cannot be written", call.Name, providers.ErrNotSent)
	}
	call.Method, call.Path, call.Body = http.MethodPost, "/"+call.Name, body
	return c.wire.Do(ctx, call)
}

// purchase sends buy-voucher with the time at and its checksum; nothing is written after sendBy.
func (c *Client) purchase(ctx context.Context, p providers.Placement, at, sendBy time.Time) (providers.Answer, error) {
	return c.post(ctx, providers.Call{Name: "buy-voucher", Buys: true, SendBy: sendBy}, buyRequest{
		UserName: c.o.UserName, TransID: p.Ref, VoucherID: p.SKU, Time: at.Unix(), Quantity: p.Quantity, Checksum: c.buyChecksum(p, at),
	})
}
