package rehearsal

import (
	"context"
	"sync"
	"time"

	"cardrop/flows/checkout"
)

// tray is the customers' screen: it counts the cards that lie there, and keeps none.
type tray struct {
	now func() time.Time

	mu    sync.Mutex
	last  int
	cards map[int]int // message → cards on it
	shown int         // cards ever shown
}

// Name is that of the chat, which a real shop has.
func (y *tray) Name() string { return "in-app" }

// Prepare lays an empty placeholder.
func (y *tray) Prepare(_ context.Context, to checkout.Recipient) (checkout.Receipt, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.last++
	y.cards[y.last] = 0
	return checkout.Receipt{Channel: y.Name(), Chat: to.Chat, Message: y.last, Language: to.Language, Sent: y.now()}, nil
}

// Show counts the cards.
func (y *tray) Show(_ context.Context, r checkout.Receipt, p checkout.Parcel) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.cards[r.Message] = len(p.Cards)
	y.shown += len(p.Cards)
	return nil
}

// Retract takes them off the screen.
func (y *tray) Retract(_ context.Context, r checkout.Receipt) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	delete(y.cards, r.Message)
	return nil
}

// count tells how many cards were shown since the last time, and how many messages are on the screen.
func (y *tray) count() (shown, lying int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	shown, y.shown = y.shown, 0
	return shown, len(y.cards)
}
