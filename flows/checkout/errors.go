package checkout

import (
	"errors"
	"fmt"
	"time"

	"cardrop/store"
)

// What a caller branches on. The customer's words for each stand in one table in package flows.
var (
	// ErrNotFound is an order, product or token that does not exist or belongs to somebody else: the same words for both.
	ErrNotFound = errors.New("not found")
	// ErrNotReady is an order whose cards have not come yet.
	ErrNotReady = errors.New("order is still being processed")
	// ErrOutOfStock is a line that the supplier no longer has in the quantity asked for.
	ErrOutOfStock = errors.New("out of stock")
	// ErrUnavailable is a line whose supplier is paused, unpriced or does not answer right now. No money moved.
	ErrUnavailable = errors.New("supplier is not available")
	// ErrClosed means that buying is stopped in the whole shop. No money moved.
	ErrClosed = errors.New("buying is stopped")
	// ErrBadAccount is a line number the operator does not know or that has the wrong shape.
	ErrBadAccount = errors.New("line number cannot be topped up")
	// ErrUsedUp means that the cards were shown as often as allowed.
	ErrUsedUp = errors.New("showings are used up")
	// ErrShredded means that the cards' retention has ended.
	ErrShredded = errors.New("cards were destroyed after their retention")
	// ErrNothing is an order that ended without cards.
	ErrNothing = errors.New("order has no cards")
	// ErrDelivery means that a code could not be put on the screen; the card is safe and can be asked for again.
	ErrDelivery = errors.New("delivery failed")
	// ErrUnreachable means that the buyer's chat cannot be written to.
	ErrUnreachable = errors.New("chat cannot be reached")
	// ErrConflict is a reference that was used before with other content.
	ErrConflict = errors.New("reference was used with other content")
	// ErrPaused is a user who tried too many wrong tokens.
	ErrPaused = errors.New("too many wrong tries")
	// ErrKeyMissing is a card sealed under a key that this process does not have; the card stays sealed.
	ErrKeyMissing = errors.New("key of this card is not loaded")
	// ErrKeyRetired is a card under a key that was dropped after a rotation: an old copy of it was put back. It is an ErrKeyMissing.
	ErrKeyRetired = fmt.Errorf("%w: the key is retired", ErrKeyMissing)
	// ErrBanned is a buyer who may not buy; what they have bought stays theirs.
	ErrBanned = store.ErrBanned
	// ErrFrozen is a wallet from which nothing is bought for now.
	ErrFrozen = store.ErrFrozen
	// ErrViewer is a member of a group who may only look.
	ErrViewer = store.ErrViewer
	// ErrNotOwner is a member of a group who may not send its money.
	ErrNotOwner = store.ErrNotOwner
	// ErrManyOpen is a buyer with as many open orders as are allowed at once.
	ErrManyOpen = store.ErrManyOpen
	// ErrTampered is a card that does not open under its key: it was moved or altered.
	ErrTampered = errors.New("card does not open: moved or altered")
)

// ShortError is a balance that does not cover the total; nothing was held.
type ShortError struct {
	Balance int64 // minor units
	Total   int64 // minor units
}

// Error tells by how much.
func (e *ShortError) Error() string {
	return fmt.Sprintf("balance is short by %d minor units", e.Total-e.Balance)
}

// PriceError is a cost that rose beyond the confirmed price; nothing was held and a new Confirm is needed.
type PriceError struct {
	Unit int64 // the price as it is now, minor units
}

// Error tells the new price.
func (e *PriceError) Error() string { return fmt.Sprintf("price is now %d minor units", e.Unit) }

// QuantityError is a quantity outside of what can be bought at once.
type QuantityError struct {
	Max int
}

// Error tells the limit.
func (e *QuantityError) Error() string { return fmt.Sprintf("quantity must be 1 to %d", e.Max) }

// What the terms of a wallet forbid is said where an order is opened, and passes through as it is.
type (
	// QuietError is a time of the day in which nothing is bought from a wallet; nothing was held.
	QuietError = store.QuietError
	// SpentError is a purchase above what may be bought in one day; nothing was held.
	SpentError = store.SpentError
)

// OnScreenError means that the cards are on the owner's screen right now.
type OnScreenError struct {
	Until time.Time
}

// Error tells until when.
func (e *OnScreenError) Error() string { return "cards are on screen" }

// ShownError means that the token was used; the owner may ask for another showing.
type ShownError struct {
	Shown int // showings so far
	Limit int // showings allowed
}

// Error tells how often.
func (e *ShownError) Error() string { return fmt.Sprintf("shown %d of %d times", e.Shown, e.Limit) }
