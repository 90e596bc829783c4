package flows

import (
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// TalkID names a talk: a private chat's, or that of one member in a group.
type TalkID = store.TalkID

// Change is something that happened to a chat without anybody talking.
type Change string

// The changes.
const (
	ChatShut  Change = "shut"  // the person blocked the bot in the private chat
	ChatOpen  Change = "open"  // the person took that back
	ChatMoved Change = "moved" // the group became a supergroup, with the id Input.To
)

// Input is what a person did: typed a text or a command, or pressed a button. It knows nothing of Telegram but numbers.
type Input struct {
	Update   int64  // the update's id; an id seen before has no second effect
	Chat     int64  // where it happened
	Private  bool   // a private chat: Chat equals User
	Thread   int    // the topic to answer in; 0 for none
	User     int64  // who did it, by numeric id
	Name     string // display name, for greeting only
	Language string // the client's language tag, such as "fr"; may be empty
	Command  string // lower-case, without slash and bot name; empty for other texts
	Text     string // the typed text; with Command, its arguments
	Button   string // callback data of the pressed button; empty for messages
	Message  int    // the message the button sits on, or the message typed
	Whisper  int    // in a group: the button sits on a message that the presser alone sees; Message is 0 then
	Direct   bool   // the command named this bot
	Replied  int64  // with Command: the person whose message it replies to; 0 for none
	Veiled   bool   // an admin of the group wrote as the group: User is nobody's id, and only a press tells who it is
	Change   Change // something happened, and nothing was said; only Update, Chat and To count then
	To       int64  // with ChatMoved: the group's new id
	// Accept tells the person at once that a press was understood, before anything slow. It may be nil and may be called
	// more than once; only the first call counts.
	Accept func()
	// Picture is what came with Text as its caption.
	Picture Picture
	// Paid is a payment that was made: nothing was said then.
	Paid *Paid
	// About is whom a message in private is about, by what it replies to.
	About About
}

// Picture is an image, or a document that stands for one. It lies at Telegram; only its ids are passed on.
type Picture = store.Picture

// Talk names the talk an input belongs to.
func (in Input) Talk() TalkID {
	if in.Private {
		return TalkID{Chat: in.Chat}
	}
	return TalkID{Chat: in.Chat, User: in.User}
}

// Reply says what is to be shown. Empty fields do nothing.
type Reply struct {
	Alert   string   // shown to the presser: a toast, or a window with Modal
	Modal   bool     // the alert has to be closed by hand
	Screens []Screen // messages to edit or send, in order
	Delete  []int    // messages in this chat to remove: prompts of ours that are done, and codes that an admin typed
	Version int64    // of the talk this reply belongs to; given back with Desk.Drawn
	Slow    bool     // nothing to draw now: a worker will
	Menus   []int64  // people who may use other commands from now on
}

// Screen is one message: a menu that is edited in place, or something that is kept.
type Screen struct {
	Chat    int64  // 0: the chat of the input
	Thread  int    // the topic
	Edit    int    // message to edit in place; 0 sends a new one
	Remind  string // with Offer: the reminder that this is
	Text    string // 1 to 4096 UTF-16 units, no code in it ever
	Marks   []Mark
	Rows    [][]Button
	Whisper int     // in a group: the message to edit in place that one member alone sees; where it is gone, and cannot be sent anew, Edit counts
	Openly  *Screen // in a group: the screen is for the eyes of the one who asked. Where it cannot be, all see this one instead
	Only    bool    // edited or nothing: no new message takes the place of one that is gone
	Keep    bool    // not a menu: the talk does not remember it as the live message
	Protect bool
	Invoice *Invoice   // sent instead of Text
	Gone    bool       // the message Edit is taken away
	File    *File      // sent as a document with Text as caption
	Picture Picture    // sent with Text as caption, which has at most 1024 units
	Ticket  TicketTold // the report of a card that this tells of
	Move    MoveTold   // the move of an account that this tells of
	TopUp   Told       // the request whose receipt, or whose news, this is
	Order   string     // the order whose timeline this is; its message id is stored with the order
	Offer   string     // the order whose Show button this carries
	Note    *NoteTold  // what this daily note tells
	Link    string     // the order whose one-time link this carries, or carried
	// Handed is the order whose sender hears what became of a hand-over, HandedTold what.
	Handed, HandedTold string
	Language           string
}

// Told is what a message about a request to fill a wallet has brought, as it is remembered with the request.
type Told struct {
	ID    string
	State store.TopUpState // told to its person; empty on an admin's receipt
	Page  bool             // it is where its person pays
}

// Mark is a formatted part of a text. Offset and Length count UTF-16 code units, as the Bot API does.
type Mark struct {
	Kind   string // "bold", "italic", "code", "spoiler", "expandable_blockquote"
	Offset int
	Length int
}

// Button is one key under a message. Exactly one of Data, URL, Start and Copy is set.
type Button struct {
	Text  string
	Data  string // callback data, 1 to 64 bytes
	URL   string
	Start string // payload of a deep link into the private chat with this bot, 1 to 64 of A-Z a-z 0-9 _ -
	Copy  string // 1 to 256 characters; never a code: codes are on a CodePage
	Style string // "", "primary", "success" or "danger" (Bot API 9.4)
}

// File is a document without codes.
type File struct {
	Name  string
	Data  []byte
	Photo bool // a picture: shown in the chat, with Text of at most 1024 units
}

// CodePage is a message with codes. It is drawn only by the delivery channel, into a placeholder.
type CodePage struct {
	Text  providers.Secret
	Marks []Mark
	Copy  []CopyButton // each on a row of its own
	Rows  [][]Button
	File  *CodeFile // set: the codes go as one document, Text is its caption
}

// CopyButton copies one secret text of 1 to 256 characters.
type CopyButton struct {
	Text string
	Copy providers.Secret
}

// CodeFile is a document with codes.
type CodeFile struct {
	Name string
	Data providers.Secret
}

// Talk is one chat's conversation as it is stored: where it stands and what it has collected. It holds no code.
type Talk struct {
	Room      string     `json:"r,omitempty"` // the step the next typed text belongs to
	Line      string     `json:"l,omitempty"` // short code
	Quantity  int        `json:"q,omitempty"`
	Account   string     `json:"a,omitempty"`   // line number in wire form
	Holder    string     `json:"h,omitempty"`   // masked customer number the operator gave
	Plan      string     `json:"p,omitempty"`   // the line's plan
	OrderID   string     `json:"o,omitempty"`   // of the confirm screen on display
	Unit      int64      `json:"u,omitempty"`   // price on that screen, minor units
	Holds     time.Time  `json:"x,omitzero"`    // until when that price holds
	Search    string     `json:"s,omitempty"`   // last words searched
	Screen    string     `json:"n,omitempty"`   // callback data that draws the present screen again
	Asked     int        `json:"k,omitempty"`   // how often the present question was answered badly
	From      string     `json:"b,omitempty"`   // callback data of the list a product was chosen from
	Name      string     `json:"d,omitempty"`   // display name when last seen, for an admin who credits
	Past      int        `json:"t,omitempty"`   // a message that was the live menu and is not any more
	Client    string     `json:"c,omitempty"`   // language of the person's client, as far as the shop speaks it
	Log       *Log       `json:"log,omitempty"` // what an admin reads of the record
	Credit    *Credit    `json:"w,omitempty"`   // what an admin is about to credit
	Decision  *Decision  `json:"dec,omitempty"` // what an admin is about to decide
	Pricing   *Pricing   `json:"pri,omitempty"` // what an admin is about to change about prices
	Danger    *Danger    `json:"dng,omitempty"` // a dangerous act whose amount is to be typed
	Filling   Filling    `json:"tu,omitzero"`   // the top-up that is asked for, or that an admin looks at
	Giving    *Giving    `json:"gv,omitempty"`  // what an owner is about to send to a customer
	Funding   *Funding   `json:"fnd,omitempty"` // what an admin is about to say of our money at a supplier
	Closing   *Closing   `json:"cls,omitempty"` // how an admin is about to close the shop
	Moving    *Moving    `json:"mov,omitempty"` // an account that an admin is about to move, or a move that is to be proven
	Reporting *Reporting `json:"rep,omitempty"` // a card that is about to be reported, or a report that is looked at
	Photo     string     `json:"ph,omitempty"`  // which picture the live menu has; empty for none
	Casting   *Casting   `json:"cst,omitempty"` // an announcement that an admin writes
	Thread    int        `json:"m,omitempty"`   // in a group: the topic last talked in
}

// Credit is a credit that waits for an admin's second tap.
type Credit struct {
	User   int64  `json:"u"`
	Number int64  `json:"c,omitempty"` // the customer's short number; 0 for one who never talked
	Amount int64  `json:"a"`           // minor units; below zero it is taken out
	Note   string `json:"n"`
	Kind   string `json:"s,omitempty"` // how it was settled
	Ref    string `json:"r"`           // makes the credit idempotent
	Done   bool   `json:"d,omitempty"`
	// Of a group: its wallet, and where it is now. User is then the number its wallet is named after.
	Account string `json:"k,omitempty"`
	Group   int64  `json:"g,omitempty"`
}

// Command is one line of a menu of commands.
type Command struct {
	Name string // without slash
	Text string // what it does, 1 to 256 characters
}

// The rooms of a talk: the question a typed text answers.
const (
	roomAccount  = "account"
	roomQuantity = "quantity"
)
