package checkout

import (
	"cmp"
	"strings"
	"time"

	"cardrop/providers"
	"cardrop/store"
)

// Family is one product as the shop window shows it: lines that differ by face value.
type Family struct {
	Code     string // short code, at most 16 characters [A-Z0-9-], stable for ever
	Provider string
	Title    string
	Category string
	Region   string // lower-case slug; empty when worldwide or unknown
	Kind     providers.Kind
	Account  providers.AccountKind
	Lines    []Line // sorted by price; empty for a family that was never opened
	From     int64  // lowest last known price in minor units; 0 when unknown
	InStock  bool   // false when every line is known to be out of stock
	Hidden   bool   // an admin has taken it out of the window: only those who run the shop meet it
	Picture  string // id of a photo of it that lies at Telegram; empty for none
	Words    string // all that it is called, for a search
}

// arrange names a family, and puts it where an admin says.
func (f *Family) arrange(said *arrangement, language string) {
	names := []string{f.Title, f.Category}
	for _, name := range said.all(f.Code, TraitName) {
		names = append(names, name)
	}
	f.Title = cmp.Or(said.says(f.Code, TraitName, language), f.Title)
	f.Category = cmp.Or(said.says(f.Code, TraitCategory, ""), f.Category)
	f.Hidden, f.Picture = said.hidden("", f.Code), said.says(f.Code, TraitPicture, "")
	f.Words = strings.Join(append(names, f.Category), " ")
}

// Line is one buyable product with the shop's price.
type Line struct {
	Code     string // short code, stable for ever
	Family   string // the family's code
	Provider string // the supplier's name
	Product  providers.Product
	Price    int64     // of one card, minor units of the shop's currency; 0 when the cost is unknown
	ReadAt   time.Time // when cost and stock were read

	Hidden bool   // as of a Family, or by its own code
	Stock  string // what is shown of the stock: StockNever, StockFew, or empty for the count
	Words  string // what stands in place of the count; empty for nothing

	Parts []string // short codes of lines of other suppliers that are one with it

	sale    sale // what the price depends on besides the cost
	bulk    bool // it is read for a reseller
	sources []Source
	part    string // short code of the one of them that sells it; set by a quote
}

// arrange names a line of a family that is arranged, and says what of its stock is shown.
func (l *Line) arrange(f Family, said *arrangement, language string) {
	l.Product.Title, l.Product.Category = f.Title, f.Category
	l.Product.Name = cmp.Or(said.says(l.Code, TraitName, language), l.Product.Name)
	l.Hidden = said.hidden(l.Code, f.Code)
	l.Stock = said.of(l.Code, f.Code, TraitStock, "")
	l.Words = said.of(l.Code, f.Code, TraitWords, language)
}

// What one order may ask for at most: more is split into placements all the same, but a hold stands for all of it until the last came.
const (
	mostCards = 50  // what a wallet's owner may buy at once
	mostBulk  = 500 // what a reseller may
)

// Max is how many cards of a line one order may ask for: the stock where it is known, at most the shop's own limit.
func (l Line) Max() int {
	limit := mostCards
	if l.bulk {
		limit = mostBulk
	}
	if l.Product.Account != providers.NoAccount {
		return 1
	}
	if l.Product.Stock >= 0 && l.Product.Stock < limit {
		return l.Product.Stock
	}
	return limit
}

// Basket is a purchase not yet agreed.
type Basket struct {
	ID       string // the order's id, minted when the confirm screen is drawn
	Line     string // the line's short code
	Quantity int
	Account  string // line number in wire form; empty when none is needed
	Unit     int64  // the price on the confirm screen, minor units
	Buyer    Buyer
	Message  int   // the message that will carry the order's timeline
	Post     int64 // the chat of that message; 0 for the buyer's private chat
	Thread   int   // the topic there
}

// pays is the wallet that a basket is paid from.
func (b Basket) pays() string { return wallet(b.Buyer.Account, b.Buyer.User) }

// wallet is the named account, or a customer's own when none is named.
func wallet(account string, user int64) string {
	if account != "" {
		return account
	}
	return store.CustomerAccount(user)
}

// Buyer is who receives, and from which wallet is paid.
type Buyer struct {
	User     int64  // Telegram user id
	Chat     int64  // the private chat in which cards are offered
	Account  string // the wallet that pays; empty for the customer's own
	Language string
}

// Quoted is a basket with its price as it is now.
type Quoted struct {
	Line    Line
	Unit    int64 // minor units
	Total   int64
	Balance int64     // before
	Credit  int64     // how far it may fall below zero
	Holds   time.Time // until when the price holds
}

// Supplier is a supplier's state for the admin's list.
type Supplier struct {
	Name     string
	Paused   string          // why it is paused; empty when it sells
	Balance  providers.Money // zero when it cannot be asked or did not answer
	Err      string          // why the balance is missing; no secret
	Families int             // in the last catalog
	ReadAt   time.Time       // of the last catalog
	InDoubt  int             // placements in doubt now

	Estimated bool          // Balance is reckoned by us, not told by the supplier
	Lasts     time.Duration // how long Balance lasts at today's rate; 0 when nothing was bought today or the balance is not known
	Half      time.Duration // within which half of today's calls were answered
	Most      time.Duration // and 95 % of them
	Calls     int64         // today
	Failed    int64         // of them
	LastSold  time.Time     // when it sold last; zero for never
	Failing   bool          // not offered now: its calls fail
}
