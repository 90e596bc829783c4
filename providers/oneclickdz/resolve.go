package oneclickdz

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cardrop/providers"
)

const (
	silence   = 2 * time.Minute  // how long a ref must stay unknown before it is sent again
	sendLimit = 20 * time.Second // how long sending again may take
	firstSend = 30 * time.Second // how long a first send without a send-by time may take
	memory    = 24 * time.Hour   // after it a top-up is no longer what the customer waits for, and is not sent again
)

// Resolve asks what became of a top-up: by its id when that is known, else by our ref, plain and as the supplier prefixes it.
// It returns
//   - the state the supplier tells; QUEUED is Pending and Slow;
//   - Pending after both refs stayed unknown for two minutes and the same ref was sent again;
//   - a *Refusal when sending again was refused for stock, funds, number or form: nothing was bought before, and nothing is sent
//     any more;
//   - an error wrapping ErrAsk when the ref is still unknown 24 hours after p.Sent;
//   - an error wrapping ErrUnknown otherwise.
func (n *Internet) Resolve(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if isPlain(p.Handle) {
		r, err := n.c.get(ctx, "check-id", "/internet/check-id/"+p.Handle, nil)
		if err != nil {
			return providers.Fulfillment{}, err
		}
		return readTopup(r, "check-id", p)
	}
	f, known, err := n.byRef(ctx, p)
	if known || err != nil {
		return f, err
	}
	return n.unseen(ctx, p)
}

// existing reads the top-up of a ref that the supplier says it has.
func (n *Internet) existing(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	f, known, err := n.byRef(ctx, p)
	if err == nil && !known {
		err = fmt.Errorf("oneclickdz check-ref: %w: the ref is taken and not found", providers.ErrUnknown)
	}
	return f, err
}

// byRef looks a top-up up by each spelling of its ref. Not known means that the supplier itself said so to each of them.
func (n *Internet) byRef(ctx context.Context, p providers.Placement) (f providers.Fulfillment, known bool, err error) {
	user, err := n.c.username(ctx)
	if err != nil {
		return f, false, fmt.Errorf("%w: %s", providers.ErrUnknown, err.Error())
	}
	refs := []string{p.Ref, "API-" + user + "-" + p.Ref}
	if told := readNote(p.Memo).ref; told != refs[0] && told != refs[1] && strings.HasSuffix(told, p.Ref) {
		refs = append(refs, told)
	}
	for _, ref := range refs {
		r, err := n.c.get(ctx, "check-ref", "/internet/check-ref/"+segment(ref), nil)
		if err != nil {
			return providers.Fulfillment{}, false, err
		}
		if r.missing() {
			continue
		}
		f, err := readTopup(r, "check-ref", p)
		return f, err == nil, err
	}
	return providers.Fulfillment{}, false, nil
}

// segment escapes a ref for a path; a plus sign too, which some servers read as a space.
func segment(ref string) string { return strings.ReplaceAll(url.PathEscape(ref), "+", "%2B") }

// unseen waits out two minutes of silence about a ref, which count from the end of the last send, and then sends it again.
func (n *Internet) unseen(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	now := n.c.o.Now()
	mark := readNote(p.Memo)
	open := fmt.Errorf("oneclickdz check-ref: %w: the ref is not known to the supplier", providers.ErrUnknown)
	if mark.ref != "" {
		return providers.Fulfillment{}, open // it was acknowledged: sending again is not ours to decide
	}
	if mark.since.IsZero() {
		return providers.Fulfillment{Memo: note{since: now}.memo()}, open
	}
	if now.Before(mark.since.Add(silence)) || now.Before(sendEnd(p).Add(silence)) {
		return providers.Fulfillment{}, open
	}
	if !p.Sent.IsZero() && now.After(p.Sent.Add(memory)) {
		return providers.Fulfillment{}, fmt.Errorf("oneclickdz send: %w: unknown to the supplier a day after it was sent", providers.ErrAsk)
	}
	return n.again(ctx, p, now.Add(sendLimit))
}

// sendEnd is when the first send has ended for sure.
func sendEnd(p providers.Placement) time.Time {
	if !p.SendBy.IsZero() {
		return p.SendBy
	}
	if !p.Sent.IsZero() {
		return p.Sent.Add(firstSend)
	}
	return time.Time{}
}

// again sends the same ref once more. An unclear outcome begins a new silence.
func (n *Internet) again(ctx context.Context, p providers.Placement, sendBy time.Time) (providers.Fulfillment, error) {
	if no := misuse(p); no != nil {
		return providers.Fulfillment{}, fmt.Errorf("oneclickdz send: %w: the placement cannot be sent again (%s)", providers.ErrAsk, no.Code)
	}
	later := providers.Fulfillment{Memo: note{since: sendBy}.memo()}
	r, err := n.send(ctx, p, sendBy)
	if errors.Is(err, providers.ErrNotSent) {
		return providers.Fulfillment{}, fmt.Errorf("%w: %s", providers.ErrUnknown, err.Error())
	}
	if err != nil {
		return later, err
	}
	if r.duplicated() {
		f, err := n.existing(ctx, p)
		if err != nil {
			return later, err
		}
		return f, nil
	}
	if f, ok := accepted(r); ok {
		return f, nil
	}
	no := r.refusal()
	if no != nil && r.code != "" {
		switch no.Reason {
		case providers.OutOfStock, providers.NoFunds, providers.BadAccount, providers.Misused:
			return providers.Fulfillment{}, no
		}
	}
	if no != nil {
		return providers.Fulfillment{}, r.unknown("send") // surely not made by this call: the silence goes on
	}
	return later, r.unknown("send")
}

// note is the notebook of a placement: the ref as the supplier returned it, or since when the ref is unknown.
type note struct {
	ref   string
	since time.Time
}

// The two lines a note may hold.
const (
	noteRef   = "ref "
	noteSince = "unseen "
)

// memo writes a note; a ref too long to keep is left out.
func (m note) memo() string {
	switch {
	case m.ref != "" && len(m.ref) <= 200:
		return noteRef + m.ref
	case !m.since.IsZero():
		return noteSince + strconv.FormatInt(m.since.UnixMilli(), 10)
	}
	return ""
}

// readNote is the reverse of memo; what cannot be read is an empty note.
func readNote(memo string) note {
	if ref, ok := strings.CutPrefix(memo, noteRef); ok {
		return note{ref: ref}
	}
	if digits, ok := strings.CutPrefix(memo, noteSince); ok {
		if ms, err := strconv.ParseInt(digits, 10, 64); err == nil && ms > 0 {
			return note{since: time.UnixMilli(ms)}
		}
	}
	return note{}
}
