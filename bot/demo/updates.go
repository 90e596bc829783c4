package demo

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// firstUpdate is the id of the first update; later ones count up from it.
const firstUpdate = 814300001

// Limits of getUpdates.
const (
	maxBatch  = 100
	maxPoll   = 50 * time.Second
	updateAge = 24 * time.Hour // older updates are dropped
)

// inbox holds the updates that the bot has not confirmed.
type inbox struct {
	next    int64
	queue   []*update
	allowed []string // nil: the default kinds
	arrived chan struct{}
	poll    *poll
}

// update is one update, frozen as it was when it happened.
type update struct {
	id   int64
	chat int64
	at   time.Time
	body json.RawMessage
}

// poll is the getUpdates call that waits; cut receives why it must end.
type poll struct {
	cut chan string
}

// updateKinds are the kinds that allowed_updates may name. Source: Update of the Bot API.
func updateKinds() []string {
	return strings.Fields("message edited_message channel_post edited_channel_post business_connection business_message " +
		"edited_business_message deleted_business_messages message_reaction message_reaction_count inline_query chosen_inline_result " +
		"callback_query shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member " +
		"chat_join_request chat_boost removed_chat_boost managed_bot guest_message subscription stopped_message_generation")
}

// push queues an update of a kind, unless the bot asked not to get that kind; the caller holds the lock.
func (t *Telegram) push(kind string, chat int64, payload any) {
	if t.inbox.allowed != nil && !slices.Contains(t.inbox.allowed, kind) {
		return
	}
	id := t.inbox.next
	body, err := json.Marshal(map[string]any{"update_id": id, kind: payload})
	if err != nil {
		t.opts.Logger.Error("encode update", "kind", kind, "error", err)
		return
	}
	t.inbox.next++
	t.inbox.queue = append(t.inbox.queue, &update{id: id, chat: chat, at: t.now(), body: body})
	close(t.inbox.arrived)
	t.inbox.arrived = make(chan struct{})
	t.pump()
}

// prune drops updates that waited longer than the server keeps them.
func (t *Telegram) prune() {
	old := t.now().Add(-updateAge)
	t.inbox.queue = slices.DeleteFunc(t.inbox.queue, func(u *update) bool { return u.at.Before(old) })
}

// confirm forgets every update below a positive offset; a negative one keeps only that many from the end.
func (b *inbox) confirm(offset int64) {
	if offset < 0 {
		if keep := -offset; keep < int64(len(b.queue)) {
			b.queue = slices.Clone(b.queue[int64(len(b.queue))-keep:])
		}
		return
	}
	b.queue = slices.DeleteFunc(b.queue, func(u *update) bool { return u.id < offset })
}

// allow reads allowed_updates; a missing parameter leaves the setting as it is, an empty list means the default kinds.
func (c *call) allow() *apiError {
	var kinds []string
	given, fail := c.object("allowed_updates", &kinds)
	if !given || fail != nil {
		return fail
	}
	for _, kind := range kinds {
		if !slices.Contains(updateKinds(), kind) {
			return badRequest("unknown kind %q in allowed_updates", kind)
		}
	}
	if len(kinds) == 0 {
		kinds = nil
	}
	c.t.inbox.allowed = kinds
	return nil
}

// getUpdates answers the method of that name. It takes the lock itself, for it may wait.
func (t *Telegram) getUpdates(c *call) (any, *apiError) {
	limit := int(c.integer("limit"))
	if limit <= 0 || limit > maxBatch {
		limit = maxBatch
	}
	wait := min(time.Duration(max(0, c.integer("timeout")))*time.Second, maxPoll)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hook != nil {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if fail := c.allow(); fail != nil {
		return nil, fail
	}
	t.cutPoll("terminated by other getUpdates request; make sure that only one bot instance is running")
	t.inbox.confirm(c.integer("offset"))
	mine := &poll{cut: make(chan string, 1)}
	t.inbox.poll = mine
	t.touch(nil)
	defer func() {
		if t.inbox.poll == mine {
			t.inbox.poll = nil
		}
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case why := <-mine.cut: // between the arrival of an update and the lock
			return nil, conflict(why)
		default:
		}
		t.prune()
		if batch := t.inbox.take(limit); len(batch) > 0 || wait == 0 {
			return batch, nil
		}
		if over, fail := t.await(c, mine, timer); over {
			return []json.RawMessage{}, fail
		}
	}
}

// await releases the lock until an update arrives; over means that the poll ends.
func (t *Telegram) await(c *call, mine *poll, timer *time.Timer) (over bool, fail *apiError) {
	arrived := t.inbox.arrived
	t.mu.Unlock()
	defer t.mu.Lock()
	select {
	case <-arrived:
		return false, nil
	case why := <-mine.cut:
		return true, conflict(why)
	case <-timer.C:
		return true, nil
	case <-c.ctx.Done():
		return true, nil
	case <-t.done:
		return true, &apiError{code: http.StatusServiceUnavailable, text: "Service Unavailable"}
	}
}

// cutPoll ends the waiting poll with 409; the caller holds the lock.
func (t *Telegram) cutPoll(why string) {
	if t.inbox.poll != nil {
		t.inbox.poll.cut <- why
		t.inbox.poll = nil
	}
}

func (b *inbox) take(limit int) []json.RawMessage {
	batch := []json.RawMessage{}
	for _, u := range b.queue[:min(limit, len(b.queue))] {
		batch = append(batch, u.body)
	}
	return batch
}

// Polling says whether a getUpdates call is under way.
func (t *Telegram) Polling() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inbox.poll != nil
}

// Pending returns how many updates the bot has not confirmed.
func (t *Telegram) Pending() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.inbox.queue)
}
