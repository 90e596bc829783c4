package giftz

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cardrop/providers"
)

const (
	memory     = 30 * time.Minute // how long after the first call the supplier is trusted to remember a trans_id
	firstLimit = 30 * time.Second // how long a first call without a send-by time may take
	askLimit   = 20 * time.Second // how long one repeat may take
	apart      = time.Minute      // between two repeats that make a refusal
)

// The notebook of Resolve: "no <Unix seconds>" after a repeat that was refused, "open" when nothing is noted.
const (
	memoNo   = "no "
	memoOpen = "open"
)

// Resolve repeats the purchase with the same trans_id, a new time and checksum: the supplier has no other question. It
// returns
//   - the vouchers for 200, and for 102 with vouchers;
//   - a *Refusal when two repeats at least a minute apart both say 100 or 202;
//   - an error wrapping ErrAsk, without a call, later than 30 minutes after p.Sent: the supplier may have forgotten the
//     trans_id and would sell again;
//   - an error wrapping ErrUnknown otherwise, without a call while the first call may still be running; it wraps ErrAlarm as well
//     for 106, 108, and 102 without vouchers.
func (c *Client) Resolve(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	now := c.o.Now()
	if err := repeatable(p, now); err != nil {
		return providers.Fulfillment{}, fmt.Errorf("giftz resolve: %w", err)
	}
	c.learn(ctx, p.SKU)
	now = c.o.Now()
	sendBy := now.Add(askLimit)
	if end := p.Sent.Add(memory); end.Before(sendBy) {
		sendBy = end
	}
	answer, err := c.purchase(ctx, p, now, sendBy)
	if err != nil {
		// The text alone: that this repeat was not sent, or was late, says nothing about the first call.
		return providers.Fulfillment{}, fmt.Errorf("giftz resolve: %w: %s", providers.ErrUnknown, err.Error())
	}
	r, err := readReply(answer.Body)
	if err != nil {
		return providers.Fulfillment{}, fmt.Errorf("giftz resolve: HTTP %d: %w", answer.Status, err)
	}
	if r.sold() {
		return c.read(answer.Body, r, p.SKU, p.Quantity), nil
	}
	open := fmt.Errorf("giftz resolve: %w: code %d", providers.ErrUnknown, r.Code)
	switch r.Code {
	case codeFunds, codeNone:
		no := r.refusal()
		if no == nil {
			return providers.Fulfillment{}, open
		}
		memo, enough := second(p.Memo, now, c.o.Now())
		if enough {
			return providers.Fulfillment{}, no
		}
		return providers.Fulfillment{Memo: memo}, open
	case codeExisted:
		// The supplier knows the trans_id: an earlier no is worth nothing any more.
		return providers.Fulfillment{Memo: memoOpen}, fmt.Errorf("%w: %w", open, providers.ErrAlarm)
	case codeInvalid, codeAddress:
		return providers.Fulfillment{}, fmt.Errorf("%w: %w", open, providers.ErrAlarm)
	}
	return providers.Fulfillment{}, open
}

// repeatable tells whether a repeat may be sent now; its error wraps ErrUnknown or ErrAsk.
func repeatable(p providers.Placement, now time.Time) error {
	if p.Sent.IsZero() {
		return fmt.Errorf("%w: when it was sent is not known", providers.ErrUnknown)
	}
	ended := p.SendBy
	if ended.IsZero() {
		ended = p.Sent.Add(firstLimit)
	}
	if now.Before(ended) {
		return fmt.Errorf("%w: the first call may still be running", providers.ErrUnknown)
	}
	if now.Sub(p.Sent) >= memory {
		return fmt.Errorf("%w: sent %s ago, the supplier may have forgotten it", providers.ErrAsk, now.Sub(p.Sent).Round(time.Second))
	}
	if bad := misuse(p); bad != "" {
		return fmt.Errorf("%w: the placement has a bad %s", providers.ErrUnknown, bad)
	}
	return nil
}

// second tells whether a refused repeat, begun at and answered by, is the second one at least a minute after the first;
// else it gives the memo to keep.
func second(memo string, began, answered time.Time) (string, bool) {
	text, noted := strings.CutPrefix(memo, memoNo)
	seconds, err := strconv.ParseInt(text, 10, 64)
	if !noted || err != nil {
		return memoNo + strconv.FormatInt(answered.Unix()+1, 10), false // rounded up: a minute is never shorter than a minute
	}
	return memo, began.Sub(time.Unix(seconds, 0)) >= apart
}
