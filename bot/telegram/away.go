package telegram

import (
	"context"
	"sync"
	"time"

	"cardrop/flows"
)

const (
	awayAfter = 2 * time.Second // how long a step may fail before the person hears why nothing happens
	awayEvery = time.Minute     // between two such messages to one chat
	awayMost  = 10_000          // chats remembered; a bound on memory
)

// excuses remember which chats heard that our records cannot be reached. They live in this process only: what would be written down
// is what cannot be reached.
type excuses struct {
	mu   sync.Mutex
	told map[int64]time.Time
}

// due tells whether a chat has to hear it now.
func (e *excuses) due(chat int64, now time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if last, ok := e.told[chat]; ok && now.Sub(last) < awayEvery {
		return false
	}
	if e.told == nil || len(e.told) >= awayMost {
		e.told = map[int64]time.Time{}
	}
	e.told[chat] = now
	return true
}

// excuse says once that a step waits for our records: on the pressed button if that is still unanswered, else by a message. The update
// stays unconfirmed, so the step comes by itself when they are back.
func (b *Bot) excuse(ctx context.Context, p *press, in flows.Input) {
	text := b.words.Away(in.Language)
	if p.tell(ctx, text) || !b.excuses.due(in.Chat, b.now()) {
		return
	}
	b.guard("excuse", func() {
		e := errand{chat: in.Chat, rank: rankReply, patience: answerPatience}
		if _, err := b.out.send(ctx, e, message{text: text, thread: in.Thread}); err != nil {
			b.log.Warn("excuse not sent", "error", err)
		}
	})
}

// tell answers with a window and reports whether the button was still unanswered.
func (p *press) tell(ctx context.Context, text string) (said bool) {
	if p.query == "" {
		return false
	}
	p.once.Do(func() {
		said = true
		p.say(ctx, text, true)
	})
	return said
}
