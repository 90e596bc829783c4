// Package giftz sells GiftZ vouchers (T-Plus, Vietnam): a client of the supplier's two calls, get-available-vouchers and
// buy-voucher.
//
// The reference is ours: trans_id is Placement.Ref. There is no call that asks what became of a purchase; repeating it with
// the same trans_id is the question, and code 102 with the vouchers is the answer. Amounts are whole đồng (VND).
package giftz

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"cardrop/providers"
)

// Name is the supplier's short name.
const Name = "giftz"

// MaxQuantity is how many vouchers one purchase may ask for, by the supplier's rule.
const MaxQuantity = 10

// currency of all amounts: the samples show whole numbers in the range of đồng.
const currency = "VND"

// keyLength of AES-256; a password of another length is padded or cut to it.
const keyLength = 32

// PriceIs says what the supplier's price means, which its documents leave open.
type PriceIs string

// The meanings of a price.
const (
	PriceIsCost PriceIs = "cost" // what the supplier charges us
	PriceIsFace PriceIs = "face" // what the voucher is worth; taken as the cost too, since nothing else is known
)

// Options configure a Client. UserName, SecureKey, Password and BaseURL come from the supplier.
type Options struct {
	UserName  string
	SecureKey providers.Secret // of the checksum
	Password  providers.Secret // of the vouchers' encryption: 32 bytes; another length is padded with zeros or cut
	BaseURL   string           // such as https://evoucher.giftz.vn/api/v1
	PriceIs   PriceIs          // cost when empty
	Now       func() time.Time // clock of request times and limits; time.Now when nil
	Failpoint func(ctx context.Context, n string) error
}

// Client is a providers.Provider of GiftZ vouchers. It is safe for concurrent use.
type Client struct {
	o    Options
	wire *providers.Wire

	mu        sync.Mutex
	announced map[string]fields // by voucher_id, from the catalogs read so far
}

var (
	_ providers.Provider = (*Client)(nil)
	_ providers.Reparser = (*Client)(nil)
)

// New checks the options and makes a Client. Its error names every missing or bad option at once.
func New(o Options) (*Client, error) {
	if o.PriceIs == "" {
		o.PriceIs = PriceIsCost
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	var bad []error
	if o.UserName == "" {
		bad = append(bad, errors.New("giftz: the user name is empty"))
	}
	if o.SecureKey.Empty() {
		bad = append(bad, errors.New("giftz: the secure key is empty"))
	}
	if o.Password.Empty() {
		bad = append(bad, errors.New("giftz: the password is empty")) // zero bytes would be taken for a key
	}
	if o.PriceIs != PriceIsCost && o.PriceIs != PriceIsFace {
		bad = append(bad, fmt.Errorf("giftz: price is %q, want %q or %q", o.PriceIs, PriceIsCost, PriceIsFace))
	}
	wire, err := providers.NewWire(providers.WireOptions{Name: Name, BaseURL: o.BaseURL, Now: o.Now, Failpoint: o.Failpoint})
	if err != nil {
		bad = append(bad, err)
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return &Client{o: o, wire: wire, announced: map[string]fields{}}, nil
}

// Name is "giftz".
func (c *Client) Name() string { return Name }

// Warnings lists what an operator should look at before the first sale; it is empty when all is well.
func (c *Client) Warnings() []string {
	n := c.o.Password.Len()
	if n == keyLength {
		return nil
	}
	how := "padded with zero bytes"
	if n > keyLength {
		how = "cut"
	}
	return []string{"the GiftZ password has " + strconv.Itoa(n) + " bytes instead of 32 and is " + how +
		"; check that it was copied whole"}
}
