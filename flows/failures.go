package flows

import (
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
)

// Whether money moved, as every failure screen says it: keys of words.
const (
	moneyNone = "money.none" // nothing was taken
	moneySafe = "money.safe" // whatever was paid is held or bought, never lost
	moneyPaid = "money.paid" // paid, and the card is kept for its buyer
	moneyBack = "money.back" // given back in full
)

// codeUnexpected is the code of errors that nobody foresaw.
const codeUnexpected = "UNEXPECTED"

// failure is one thing that can go wrong before a customer's eyes. Its words are "fail.<code>" (what happened) and
// "next.<code>" (what to do).
type failure struct {
	err   error
	code  string // stable: support and tests know it
	money string
}

// failures is the one table from errors to customers' words. An error that is not in it is unexpected.
func failures() []failure {
	return []failure{
		{checkout.ErrNotFound, "ORDER_NOT_FOUND", moneyNone},
		{checkout.ErrNotReady, "ORDER_NOT_READY", moneySafe},
		{checkout.ErrHidden, "PRODUCT_HIDDEN", moneyNone},
		{checkout.ErrOutOfStock, "OUT_OF_STOCK", moneyNone},
		{checkout.ErrUnavailable, "SUPPLIER_UNAVAILABLE", moneyNone},
		{checkout.ErrClosed, "SHOP_CLOSED", moneyNone},
		{checkout.ErrBadAccount, "LINE_REFUSED", moneyNone},
		{checkout.ErrUsedUp, "SHOWINGS_USED_UP", moneyPaid},
		{checkout.ErrShredded, "CARD_DESTROYED", moneyPaid},
		{checkout.ErrNothing, "NO_CARDS", moneyBack},
		{checkout.ErrDelivery, "DELIVERY_FAILED", moneyPaid},
		{checkout.ErrUnreachable, "DELIVERY_FAILED", moneyPaid},
		{checkout.ErrPaused, "TOO_MANY_TRIES", moneyNone},
		{checkout.ErrKeyMissing, "CARD_LOCKED", moneyPaid},
		{checkout.ErrTampered, "CARD_CHECKED", moneyPaid},
		{checkout.ErrConflict, "REFERENCE_USED", moneyNone},
		{checkout.ErrNoMethod, "METHOD_OFF", moneyNone},
		{checkout.ErrTopUps, "TOPUPS_OPEN", moneyNone},
		{checkout.ErrCeiling, "CEILING_REACHED", moneyNone},
		{checkout.ErrBanned, "BUYING_BLOCKED", moneyNone},
		{checkout.ErrFrozen, "WALLET_FROZEN", moneyNone},
		{checkout.ErrViewer, "ONLY_LOOKING", moneyNone},
		{checkout.ErrNotOwner, "OWNERS_ONLY", moneyNone},
		{checkout.ErrSeen, "CARD_SEEN", moneyPaid},
		{checkout.ErrManyOpen, "TOO_MANY_OPEN", moneyNone},
	}
}

// known finds an error in the table; errors with data come with their values.
func (v *visit) known(err error) (failure, []any, bool) {
	var short *checkout.ShortError
	var price *checkout.PriceError
	var quantity *checkout.QuantityError
	var screen *checkout.OnScreenError
	var shown *checkout.ShownError
	var quiet *checkout.QuietError
	var spent *checkout.SpentError
	var closed *checkout.ClosedError
	var handed *checkout.HandedError
	switch {
	case errors.As(err, &closed):
		return v.closedFor(closed.Closure)
	case errors.As(err, &short) && short.Balance < 0 && v.in.Private:
		return failure{code: "WALLET_OWES", money: moneyNone}, []any{"Balance", v.money(short.Balance)}, true
	case errors.Is(err, checkout.ErrFrozen) && v.in.Private: // one's own wallet: only a move of the account keeps its money where it is
		return failure{code: "ACCOUNT_MOVING", money: moneyNone}, nil, true
	case errors.As(err, &quiet):
		return failure{code: "QUIET_HOURS", money: moneyNone}, []any{"From", hour(quiet.From), "To", hour(quiet.To)}, true
	case errors.As(err, &spent) && spent.Member:
		return failure{code: "MEMBER_DAY_LIMIT", money: moneyNone}, []any{"Left", v.money(spent.Left)}, true
	case errors.As(err, &spent):
		return failure{code: "DAY_LIMIT", money: moneyNone}, []any{"Left", v.money(spent.Left)}, true
	case errors.As(err, &short):
		return failure{code: "BALANCE_SHORT", money: moneyNone}, []any{
			"Missing", v.money(short.Total - short.Balance), "Total", v.money(short.Total), "Balance", v.money(short.Balance),
		}, true
	case errors.As(err, &price):
		return failure{code: "PRICE_CHANGED", money: moneyNone}, []any{"Price", v.money(price.Unit)}, true
	case errors.As(err, &quantity):
		return failure{code: "QUANTITY_LIMIT", money: moneyNone}, []any{"Max", quantity.Max}, true
	case errors.As(err, &screen):
		return failure{code: "ON_SCREEN", money: moneyPaid}, []any{"Until", v.until(screen.Until, v.now)}, true
	case errors.As(err, &handed) && handed.Opened.IsZero():
		return failure{code: "HANDED_OVER", money: moneyPaid}, []any{"Until", v.until(handed.Until, v.now)}, true
	case errors.As(err, &handed):
		return failure{code: "HANDED_AND_OPENED", money: moneyPaid}, []any{"Time", v.until(handed.Opened, v.now)}, true
	case errors.As(err, &shown):
		return failure{code: "ALREADY_SHOWN", money: moneyPaid}, []any{"Shown", shown.Shown, "Limit", shown.Limit}, true
	}
	for _, f := range failures() {
		if errors.Is(err, f.err) {
			return f, nil, true
		}
	}
	return failure{}, nil, false
}

// refuse shows what went wrong. It returns errors that are not in the table.
func (v *visit) refuse(err error, order string, rows ...[]Button) error {
	f, args, ok := v.known(err)
	if !ok {
		return err
	}
	v.fail(f, order, args, rows...)
	return nil
}

// missing is refuse for products: their "not found" has its own words.
func (v *visit) missing(err error, rows ...[]Button) error {
	if errors.Is(err, checkout.ErrNotFound) {
		v.fail(failure{code: "PRODUCT_NOT_FOUND", money: moneyNone}, "", nil, rows...)
		return nil
	}
	return v.refuse(err, "", rows...)
}

// fail draws a failure screen: what happened, whether money moved, what next, the order, whom to write to.
func (v *visit) fail(f failure, order string, args []any, rows ...[]Button) {
	what := v.say("fail."+f.code, args...)
	v.reply.Alert = clip(what, alertLimit)
	name := ""
	if order != "" {
		name = v.say("order.name", "Order", orderName(order))
	}
	body := lines(v.say(f.money), v.say("next."+f.code, args...)) + "\n\n" +
		lines(name, v.say("fail.code", "Code", f.code), v.support())
	v.menu("⚠️ "+what, body, append(rows, v.home())...)
	v.failAside(f, rows)
}

// support says whom to write to.
func (s speech) support() string {
	o := s.words.options
	if o.Support == "" {
		return s.say("support.none")
	}
	if o.Hours != "" {
		return s.say("support.hours", "Contact", o.Support, "Hours", o.Hours)
	}
	return s.say("support", "Contact", o.Support)
}

// orderAtHand is the order that the pressed button, or the confirm screen on display, is about; empty for none.
func (v *visit) orderAtHand() string {
	for part := range strings.SplitSeq(v.in.Button, ":") {
		if isOrder(part) {
			return part
		}
	}
	if v.talk.Screen == "confirm" {
		return v.talk.OrderID
	}
	return ""
}

// unexpected shows an error that nobody foresaw with a number under which the operator finds it in the log.
func (d *Desk) unexpected(v *visit, err error) {
	number := "U" + strconv.FormatInt(v.in.Update, 36)
	d.log.Error("step failed", "case", number, "room", v.talk.Room, "err", err)
	v.reply = Reply{}
	v.fail(failure{code: codeUnexpected, money: moneySafe}, v.orderAtHand(), []any{"Case", number})
}
