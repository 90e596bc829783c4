package demo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// starsCurrency is the currency of invoices without a provider.
const starsCurrency = "XTR"

// checkoutAge is how long the bot may take to answer a pre-checkout query.
const checkoutAge = 10 * time.Second

// maxStars is the most that one invoice is over here.
const maxStars = 10_000

// Refusals of a payment.
var (
	ErrNoInvoice = errors.New("no invoice there")
	ErrPaying    = errors.New("the invoice is being paid")
)

// Invoice is what a message asks to be paid for.
type Invoice struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Start       string `json:"start_parameter"`
	Currency    string `json:"currency"`
	Total       int    `json:"total_amount"`

	payload string
}

// Checkout is a payment on its way: what its payer was asked, and what the bot answered.
type Checkout struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	Payer    int64     `json:"payer"`
	Chat     int64     `json:"chat"`
	Message  int       `json:"message"`
	Answered bool      `json:"answered"`
	OK       bool      `json:"ok"`
	Refusal  string    `json:"refusal,omitempty"` // what its payer reads
	Charge   string    `json:"charge,omitempty"`  // once it is paid

	invoice Invoice
}

// StarEntry is one line of Telegram's books: a payment, or its way back under the same id.
type StarEntry struct {
	ID      string    `json:"id"`
	Payer   int64     `json:"payer"`
	Amount  int       `json:"amount"`
	Payload string    `json:"payload"`
	Back    bool      `json:"back"`
	At      time.Time `json:"at"`
}

// stars is the payments' side of a Telegram.
type stars struct {
	checkouts []*Checkout
	books     []StarEntry
	mute      int // payments whose notice the bot never gets
}

// sendInvoice answers the method of that name, for Stars only.
func (t *Telegram) sendInvoice(c *call) (any, *apiError) {
	var prices []struct {
		Label  string `json:"label"`
		Amount int    `json:"amount"`
	}
	if _, fail := c.object("prices", &prices); fail != nil {
		return nil, fail
	}
	title, about, payload := c.values["title"], c.values["description"], c.values["payload"]
	size := utf8.RuneCountInString
	switch {
	case c.values["currency"] != starsCurrency:
		return nil, badRequest("CURRENCY_INVALID")
	case c.values["provider_token"] != "":
		return nil, badRequest("STARS_INVOICE_INVALID")
	case len(prices) != 1 || prices[0].Label == "" || prices[0].Amount < 1 || prices[0].Amount > maxStars:
		return nil, badRequest("STARS_INVOICE_INVALID")
	case size(title) < 1 || size(title) > 32:
		return nil, badRequest("INVOICE_TITLE_INVALID")
	case size(about) < 1 || size(about) > 255:
		return nil, badRequest("INVOICE_DESCRIPTION_INVALID")
	case payload == "" || len(payload) > 128:
		return nil, badRequest("INVOICE_PAYLOAD_INVALID")
	case strings.Trim(c.values["start_parameter"], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "":
		return nil, badRequest("START_PARAM_INVALID")
	case c.values["reply_markup"] != "":
		return nil, badRequest("keyboards of invoices are not emulated")
	}
	m := &Message{Text: title + "\n" + about, Invoice: &Invoice{Title: title, Description: about, Start: c.values["start_parameter"],
		Currency: starsCurrency, Total: prices[0].Amount, payload: payload}}
	if result, fail := t.send(c, m); fail != nil {
		return result, fail
	}
	m.Keyboard = [][]Button{{{Text: fmt.Sprintf("Pay ⭐ %d", prices[0].Amount), Pay: true}}}
	t.version(t.chats[m.ChatID], m)
	return t.wire(m), nil
}

// StartPaying is a person who taps the Pay button of an invoice, their own or one that was forwarded to them: the bot is asked. It returns the
// query's id.
func (t *Telegram) StartPaying(chatID, payer int64, message int) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.chats[chatID]
	if t.people[payer] == nil || c == nil {
		return "", ErrNoUser
	}
	m := c.byID[message]
	if m == nil || m.Invoice == nil || m.Deleted {
		return "", ErrNoInvoice
	}
	q := &Checkout{ID: fmt.Sprintf("%d", 770000000+len(t.stars.checkouts)), At: t.now(), Payer: payer, Chat: chatID, Message: message, invoice: *m.Invoice}
	t.stars.checkouts = append(t.stars.checkouts, q)
	t.push("pre_checkout_query", 0, map[string]any{"id": q.ID, "from": t.userOf(payer), "currency": starsCurrency,
		"total_amount": q.invoice.Total, "invoice_payload": q.invoice.payload})
	return q.ID, nil
}

// answerCheckout answers answerPreCheckoutQuery. A yes in time is the payment.
func (t *Telegram) answerCheckout(c *call) (any, *apiError) {
	at := slices.IndexFunc(t.stars.checkouts, func(q *Checkout) bool { return q.ID == c.values["pre_checkout_query_id"] })
	ok, why := c.boolean("ok"), c.values["error_message"]
	switch {
	case at < 0 || t.stars.checkouts[at].Answered || t.now().Sub(t.stars.checkouts[at].At) >= checkoutAge:
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	case !ok && why == "":
		return nil, badRequest("BOT_PRECHECKOUT_FAILED: error_message is empty")
	case ok && why != "":
		return nil, badRequest("error_message must be empty")
	}
	q := t.stars.checkouts[at]
	q.Answered, q.OK, q.Refusal = true, ok, why
	if !ok {
		if p := t.people[q.Payer]; p != nil {
			t.toasts++
			p.toasts = append(p.toasts, Toast{ID: t.toasts, At: t.now(), QueryID: q.ID, ChatID: q.Chat, MessageID: q.Message, Text: why, Alert: true})
		}
		t.touch(t.chats[q.Chat])
		return true, nil
	}
	t.paid(q)
	return true, nil
}

// paid books a payment, tells the bot of it and shows it in the payer's chat with the bot; the caller holds the lock.
func (t *Telegram) paid(q *Checkout) {
	q.Charge = fmt.Sprintf("stx_%d_%s", q.Payer, random(12))
	t.stars.books = append(t.stars.books, StarEntry{ID: q.Charge, Payer: q.Payer, Amount: q.invoice.Total, Payload: q.invoice.payload, At: t.now()})
	c := t.chats[q.Payer]
	m := &Message{From: q.Payer, Service: fmt.Sprintf("⭐ %d", q.invoice.Total), paid: map[string]any{"currency": starsCurrency,
		"total_amount": q.invoice.Total, "invoice_payload": q.invoice.payload, "telegram_payment_charge_id": q.Charge, "provider_payment_charge_id": ""}}
	t.keep(c, m)
	if t.stars.mute > 0 {
		t.stars.mute--
		return
	}
	t.pushMessage(m)
}

// refundStars answers refundStarPayment.
func (t *Telegram) refundStars(c *call) (any, *apiError) {
	charge, user := c.values["telegram_payment_charge_id"], c.integer("user_id")
	at := slices.IndexFunc(t.stars.books, func(e StarEntry) bool { return e.ID == charge && !e.Back })
	switch {
	case t.people[user] == nil:
		return nil, badRequest("USER_ID_INVALID")
	case at < 0 || t.stars.books[at].Payer != user:
		return nil, badRequest("CHARGE_ID_INVALID")
	case slices.ContainsFunc(t.stars.books, func(e StarEntry) bool { return e.ID == charge && e.Back }):
		return nil, badRequest("CHARGE_ALREADY_REFUNDED")
	}
	back := t.stars.books[at]
	back.Back, back.At = true, t.now()
	t.stars.books = append(t.stars.books, back)
	t.touch(t.chats[user])
	return true, nil
}

// starTransactions answers getStarTransactions: the oldest first.
func (t *Telegram) starTransactions(c *call) (any, *apiError) {
	offset, limit := c.integer("offset"), c.integer("limit")
	if c.values["limit"] == "" {
		limit = 100
	}
	if offset < 0 || limit < 1 || limit > 100 {
		return nil, badRequest("wrong parameter limit or offset in request")
	}
	list := []map[string]any{}
	for _, e := range t.stars.books[min(int(offset), len(t.stars.books)):] {
		if len(list) == int(limit) {
			break
		}
		side := "source"
		if e.Back {
			side = "receiver"
		}
		list = append(list, map[string]any{"id": e.ID, "amount": e.Amount, "date": e.At.Unix(), side: map[string]any{
			"type": "user", "transaction_type": "invoice_payment", "user": t.userOf(e.Payer), "invoice_payload": e.Payload}})
	}
	return map[string]any{"transactions": list}, nil
}

// payAct is a tap on the page.
func (t *Telegram) payAct(a act) (any, error) { return t.StartPaying(a.Chat, a.User, a.Message) }

// MutePayments lets the notices of the next n payments get lost, as when they are older than Telegram keeps them.
func (t *Telegram) MutePayments(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stars.mute = n
}

// Checkouts lists the payments that people began, oldest first.
func (t *Telegram) Checkouts() []Checkout {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]Checkout, 0, len(t.stars.checkouts))
	for _, q := range t.stars.checkouts {
		list = append(list, *q)
	}
	return list
}

// StarBooks lists Telegram's own books of Stars, oldest first.
func (t *Telegram) StarBooks() []StarEntry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.stars.books)
}
