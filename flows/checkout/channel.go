package checkout

import (
	"context"
	"time"

	"cardrop/providers"
)

// Channel brings a parcel to its buyer and takes it back. Every method may be repeated after a crash.
type Channel interface {
	// Name is the channel's name in events and receipts: "in-app", "email", "sms" or "download".
	Name() string
	// Prepare makes a place without a code: the placeholder. A channel without a placeholder returns a Receipt with an id of
	// ours.
	Prepare(ctx context.Context, to Recipient) (Receipt, error)
	// Show puts the codes into that place.
	Show(ctx context.Context, r Receipt, p Parcel) error
	// Retract takes the codes back. Nil means that there is nothing left to take back; ErrUnreachable that there never will
	// be a way (the buyer blocked the bot); any other error that it has to be tried again.
	Retract(ctx context.Context, r Receipt) error
}

// Route is how a parcel is to come.
type Route struct {
	Channel string // the channel's name; empty for the first
	File    bool   // as one file
	Page    bool   // on a page, which holds any number of cards and a text of them as a file, for as long as a message
	Place   string // where it is waited for, in the channel's own terms: an address, a page that is open
	visit   *Visit // who opens a one-time link
}

// Recipient is who a parcel goes to, and what the placeholder may say: never a code.
type Recipient struct {
	Order    string
	Title    string // the product's name
	User     int64  // Telegram user id
	Chat     int64  // the private chat
	Language string
	Cards    int           // how many cards the parcel holds
	File     bool          // as one file, through an unprotected placeholder
	Table    bool          // that file is a table
	Life     time.Duration // how long the codes will stay
	Place    string        // where the parcel is waited for, as Route says
}

// Receipt is where a parcel lies. It is stored before any code is shown.
type Receipt struct {
	Channel  string `json:"c"`
	Chat     int64  `json:"t"`
	Message  int    `json:"m"`
	File     bool   `json:"f,omitempty"`
	Language string `json:"l,omitempty"` // of the words that stay when the message is too old to delete
	// Sent is when the placeholder was sent: a message older than 48 h cannot be deleted (Bot API deleteMessage).
	Sent time.Time `json:"s"`
	ID   string    `json:"i,omitempty"` // of a channel that has no messages
}

// Parcel is what is delivered: the cards of one order and all that its message says.
type Parcel struct {
	Recipient
	Kind    providers.Kind
	Account string // the line number topped up; empty when none
	Service providers.AccountKind
	Face    providers.Money
	Cards   []providers.Card // shadows the count: the opened cards
	Until   time.Time        // when the message vanishes
	Extend  bool             // whether "+60 s" may still be offered
	How     string           // how the card is used, in the shop's own words; empty for those of its kind
}
