package checkout

import (
	"context"
	"strconv"

	"cardrop/store"
)

// The closed set of events. Their data has short keys and values and no free text.
const (
	EventOpened        = "ORDER_OPENED"     // agreed and held: product, cards, total
	EventAsked         = "SUPPLIER_ASKED"   // the intent to ask, before the request: placement, supplier
	EventPlacement     = "PLACEMENT"        // what became of a placement: placement, state, reason, cards; instead, the supplier that is asked for these cards now
	EventEnded         = "ORDER_ENDED"      // final: state, cards, returned
	EventOffered       = "CARDS_OFFERED"    // a reveal token was made for the Show button
	EventAgain         = "CARDS_AGAIN"      // the owner asked for another showing
	EventClaimed       = "CARDS_CLAIMED"    // the token was used
	EventReissued      = "CARDS_REISSUED"   // an admin allowed the owner one more showing
	EventRenewed       = "TOKEN_RENEWED"    // one that ran out or was replaced unused was renewed at its owner's tap
	EventShowing       = "CARD_SHOWING"     // a placeholder stands and its end is stored, before the code
	EventDelivered     = "CARDS_DELIVERED"  // codes on screen: method, cards, claim
	EventNetCard       = "CARD_DELIVERED"   // the same for an internet card
	EventFailed        = "SHOW_FAILED"      // the codes could not be put on the screen
	EventExtended      = "CARDS_EXTENDED"   // the owner asked for more time
	EventSaved         = "CARDS_SAVED"      // the owner ended the showing
	EventRemoved       = "CARDS_REMOVED"    // gone from the screen: outcome
	EventShredded      = "CARDS_SHREDDED"   // sealed bytes destroyed
	EventDenied        = "DENIED"           // an act that was not allowed: act, more of it since the line before
	EventCredited      = "WALLET_CREDITED"  // amount, ref
	EventDebited       = "WALLET_DEBITED"   // amount, ref, kind of settlement
	EventSent          = "MONEY_SENT"       // of a group's wallet to a customer's: amount, ref, member (the customer's pseudonym)
	EventReceived      = "MONEY_RECEIVED"   // the same as the customer sees it: amount, ref, group (its pseudonym)
	EventLinked        = "GROUP_LINKED"     // a group became a reseller
	EventUnlinked      = "GROUP_UNLINKED"   // it is none any more; its wallet stays
	EventMoved         = "GROUP_MOVED"      // it became a supergroup
	EventWoken         = "ORDER_RETRIED"    // an admin had an order asked about
	EventPaused        = "SUPPLIER_PAUSED"  // supplier, reason
	EventResumed       = "SUPPLIER_RESUMED" // supplier, reason
	EventSwitched      = "BUYING_SWITCHED"  // reason; empty when buying is open again
	EventClosed        = "CLOSURE_BEGUN"    // an operator stopped buying: until, if an end was said
	EventReopened      = "CLOSURE_OVER"     // and opened it again, or its time was over
	EventApprovalAsked = "APPROVAL_ASKED"   // a dangerous act waits: approval, act, amount
	EventApprovalGiven = "APPROVAL_GIVEN"   // somebody else approved it, or the time to think again is over
	EventApprovalEnded = "APPROVAL_ENDED"   // carried out, failed, canceled or expired: state, reason
	EventAccepted      = "HISTORY_ACCEPTED" // what Redis forgot was looked at: seen, found
	EventRestored      = "HISTORY_RESTORED" // a backup was put back: until, entry
	EventCompared      = "RECONCILED"       // suppliers, books, vault and record were compared: differences, lost, suppliers
	EventFound         = "SALE_FOUND"       // a supplier's order that nobody here knows: supplier, cards
	EventAuditRead     = "AUDIT_READ"       // what was read
	EventPriced        = "PRICE_RULE_SET"   // tier, supplier, category, product; percent in millionths, fixed, floor, ceiling; none when removed
	EventRated         = "RATE_SET"         // currency, and the rate as num over den; without them when removed
	EventTerms         = "TERMS_SET"        // of a wallet: term, value; member (a pseudonym) where it is about one
	EventStaffed       = "STAFF_SET"        // somebody was given a role among those who run the shop: role; none when it was taken
	EventBanned        = "BUYER_BANNED"     // a person may not buy any more
	EventUnbanned      = "BUYER_UNBANNED"   // and may again
	EventKey           = "CARD_UNOPENABLE"  // a sealed card that does not open: reason
	EventReminded      = "CARDS_REMINDED"   // the owner is to hear about unopened cards, or that seen ones are destroyed soon: stage
	EventSpent         = "KEY_SPENT"        // how many entries still name a former key, when that came to none, or is some again: key, items
	EventDropped       = "KEY_DROPPED"      // the program started without a key that nothing names any more: key
	EventArchived      = "RECORD_ARCHIVED"  // the first entries were taken out of Redis, encrypted, and kept: from, to, sum (the first half of the file's SHA-256)
	EventDeposited     = "SUPPLIER_FUNDED"  // an admin paid into our account at a supplier: supplier, amount, currency
	EventArranged      = "PRODUCT_SET"      // an admin says something of a product: product, trait, language, value; "set" for a text, none when taken back
	EventRehearsed     = "REHEARSED"        // purchases were rehearsed at simulators: well, failed
	EventReckoned      = "FUNDS_RECKONED"   // what we reckon to have at a supplier was set right: supplier, amount, currency
)

// The events of one-time links.
const (
	EventSlip = "LINK_MADE"       // for: own or hand
	EventVoid = "LINK_TAKEN_BACK" // for
)

// bearer is the actor of what somebody did by holding a link: nobody knows who it is.
const bearer = "bearer"

// The events of requests to fill a wallet. Each names its request.
const (
	EventTopUpAsked    = "TOPUP_ASKED"    // method, amount
	EventTopUpSent     = "TOPUP_SENT"     // the person says that it is paid
	EventTopUpClaimed  = "TOPUP_CLAIMED"  // an admin looks at it
	EventTopUpCredited = "TOPUP_CREDITED" // amount received
	EventTopUpRefused  = "TOPUP_REFUSED"
	EventTopUpExpired  = "TOPUP_EXPIRED"  // nobody paid in time, or the person gave it up
	EventTopUpReversed = "TOPUP_REVERSED" // a credit was taken back: amount
	EventStarsBack     = "STARS_BACK"     // a payment that fits no request goes back to who paid: stars
)

// The events of texts to every customer. Each names its broadcast; the text itself is not on record, a hash of it is.
const (
	EventCastBegun    = "BROADCAST_BEGUN"    // people, languages, text
	EventCastPaused   = "BROADCAST_PAUSED"   // by an admin
	EventCastResumed  = "BROADCAST_RESUMED"  // by an admin
	EventCastCanceled = "BROADCAST_CANCELED" // an admin wants nobody else to get it
	EventCastOver     = "BROADCAST_OVER"     // sent, blocked, banned, muted, failed, unsure, left
)

// The events of refunds after the end, and of reports of cards that do not work. Each of these names its ticket.
const (
	EventPaidBack       = "ORDER_REFUNDED" // cards were refunded after the end, by an admin's word: amount, cards
	EventTicketOpened   = "TICKET_OPENED"  // card, reason
	EventTicketClaimed  = "TICKET_CLAIMED"
	EventTicketAnswered = "TICKET_ANSWERED" // the staff wrote; what, is no part of the record
	EventTicketWritten  = "TICKET_WRITTEN"  // the buyer wrote
	EventTicketPaying   = "TICKET_PAYING"   // a refund or a replacement begins: how
	EventTicketEnded    = "TICKET_ENDED"    // state; claimed when what was under way cannot be done
)

// The events of accounts that go over to another one. Each names its move, and the new account's pseudonym as member.
const (
	EventMoveBegun   = "MOVE_BEGUN"   // an admin asked: the new account has to name a receipt
	EventMoveTried   = "MOVE_TRIED"   // it named something that is none
	EventMoveProven  = "MOVE_PROVEN"  // it named one: the old account may object from now on
	EventMoveStopped = "MOVE_STOPPED" // the old account objected, or the staff ended it
	EventMoveOver    = "MOVE_OVER"    // nobody named a receipt in time
	EventMoving      = "MOVE_MOVING"  // nobody objected: it is carried out
	EventMoveDone    = "MOVE_DONE"    // amount
	EventOrderMoved  = "ORDER_MOVED"  // one order with its cards went over
)

// system is the actor of what nobody asked for.
const system = "system"

// event is one line about an order; the actor is its buyer unless it is the shop itself.
func (s *Shop) event(kind string, o store.Order, actor string, data map[string]string) store.Event {
	return store.Event{Kind: kind, Order: o.ID, Person: s.o.Ring.Pseudonym(o.Buyer), Actor: actor, Data: data}
}

// byBuyer is an event that the order's buyer caused.
func (s *Shop) byBuyer(kind string, o store.Order, data map[string]string) store.Event {
	return s.event(kind, o, s.o.Ring.Pseudonym(o.Buyer), data)
}

// person is a user's pseudonym; its entry in the deletable map is made when it is met first.
func (s *Shop) person(ctx context.Context, user int64) (string, error) {
	s.mu.Lock()
	p, ok := s.named[user]
	s.mu.Unlock()
	if ok {
		return p, nil
	}
	p = s.o.Ring.Pseudonym(user)
	if err := s.o.Store.NamePerson(ctx, p, user); err != nil {
		return "", err
	}
	s.mu.Lock()
	if len(s.named) > 20_000 { // a bound on memory; forgetting costs one more write
		clear(s.named)
	}
	s.named[user] = p
	s.mu.Unlock()
	return p, nil
}

// Person reads who is behind a pseudonym, while the map entry exists.
func (s *Shop) Person(ctx context.Context, pseudonym string) (int64, bool) {
	user, err := s.o.Store.Person(ctx, pseudonym)
	return user, err == nil
}

func itoa[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }
