package demo

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// The limits on sending. Telegram publishes about one message a second in a chat (short bursts pass), 20 a minute in a group and 30 a
// second for bulk notifications; the burst and the meaning of bulk are the emulator's own reading.
const (
	chatRate    = 1.0
	chatBurst   = 5.0
	groupQuota  = 20
	groupWindow = time.Minute
	bulkRate    = 30.0
	bulkBurst   = 30.0
	// answerTime is how long after a person's action a message to that chat counts as an answer and not as bulk.
	answerTime = time.Minute
)

// limits is the flood control of all chats.
type limits struct {
	on    bool
	bulk  bucket
	chats map[int64]*pace
}

// pace is the flood control of one chat.
type pace struct {
	bucket bucket
	sent   []time.Time // within the group's window
}

// bucket holds tokens that grow with time.
type bucket struct {
	tokens float64
	filled time.Time
}

// SetFloodControl turns the limits on sending on or off: messages count everywhere, edits in groups, deletions and callback answers nowhere.
func (t *Telegram) SetFloodControl(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.limits = limits{on: on, chats: map[int64]*pace{}}
}

// fill grows the bucket and returns how long it takes until it holds a token.
func (b *bucket) fill(now time.Time, rate, burst float64) time.Duration {
	if b.filled.IsZero() {
		b.tokens = burst
	} else if passed := now.Sub(b.filled); passed > 0 {
		b.tokens = min(burst, b.tokens+passed.Seconds()*rate)
	}
	b.filled = now
	if b.tokens >= 1 {
		return 0
	}
	return time.Duration((1 - b.tokens) / rate * float64(time.Second))
}

// admit counts one message (or edit) in a chat, or refuses it with 429; a refused one is not counted.
func (t *Telegram) admit(c *chat, edit bool) *apiError {
	if !t.limits.on || (edit && c.kind == chatPrivate) {
		return nil
	}
	now := t.now()
	p := t.limits.chats[c.id]
	if p == nil {
		p = &pace{}
		t.limits.chats[c.id] = p
	}
	wait := p.bucket.fill(now, chatRate, chatBurst)
	if c.kind != chatPrivate {
		for len(p.sent) > 0 && now.Sub(p.sent[0]) >= groupWindow {
			p.sent = p.sent[1:]
		}
		if len(p.sent) >= groupQuota {
			wait = max(wait, p.sent[0].Add(groupWindow).Sub(now))
		}
	}
	bulk := now.Sub(c.heard) > answerTime
	if bulk {
		wait = max(wait, t.limits.bulk.fill(now, bulkRate, bulkBurst))
	}
	if wait > 0 {
		return tooMany(max(1, int(math.Ceil(wait.Seconds()))))
	}
	p.bucket.tokens--
	if c.kind != chatPrivate {
		p.sent = append(p.sent, now)
	}
	if bulk {
		t.limits.bulk.tokens--
	}
	return nil
}

func tooMany(seconds int) *apiError {
	fail := &apiError{code: http.StatusTooManyRequests, retryAfter: seconds}
	fail.text = "Too Many Requests: retry after " + strconv.Itoa(seconds)
	return fail
}
