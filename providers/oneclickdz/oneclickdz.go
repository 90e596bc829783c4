// Package oneclickdz sells what OneClickDz (Flexy API v3, Algeria) resells: gift cards and internet top-up cards of Algérie
// Télécom. One key and one envelope serve two suppliers, GiftCards and Internet.
//
// Gift cards take no reference of ours: an order whose answer was lost is found in the supplier's list (GiftCards.Find), and
// GiftCards.Debited counts the debits of such orders, for a shop that wants to be sure that there was none:
//
//	Debited(ctx context.Context, kind providers.Placement, from, to time.Time) (int, error)
//
// Internet cards take our reference and refuse to sell twice under it. All amounts are Algerian dinars (DZD).
package oneclickdz

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cardrop/providers"
)

// The short names of the two suppliers.
const (
	GiftName     = "ocgift"
	InternetName = "ocnet"
)

// name of the client in errors and failpoints.
const name = "oneclickdz"

// currency of all amounts.
const currency = "DZD"

// The types of keys. The supplier has one address for both environments: only the key tells them apart.
const (
	KeySandbox    = "SANDBOX"
	KeyProduction = "PRODUCTION"
	ScopeReadOnly = "READ-ONLY" // a key that may not buy
)

// Options configure a Client. AccessToken and BaseURL come from the supplier.
type Options struct {
	AccessToken providers.Secret
	BaseURL     string           // such as https://api.oneclickdz.com/v3
	Now         func() time.Time // clock of limits; time.Now when nil
	Failpoint   func(ctx context.Context, n string) error
}

// Client speaks to one account. It is safe for concurrent use.
type Client struct {
	o    Options
	wire *providers.Wire

	mu   sync.Mutex
	user string // of the account, once Validate has read it
}

// New checks the options and makes a Client. Its error names every missing or bad option at once.
func New(o Options) (*Client, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	var bad []error
	if o.AccessToken.Empty() {
		bad = append(bad, errors.New("oneclickdz: the access token is empty"))
	}
	wire, err := providers.NewWire(providers.WireOptions{Name: name, BaseURL: o.BaseURL, Now: o.Now, Failpoint: o.Failpoint})
	if err != nil {
		bad = append(bad, err)
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return &Client{o: o, wire: wire}, nil
}

// GiftCards is the supplier of gift cards behind this key.
func (c *Client) GiftCards() *GiftCards {
	return &GiftCards{c: c, families: map[string]providers.Product{}}
}

// Internet is the supplier of internet top-up cards behind this key.
func (c *Client) Internet() *Internet { return &Internet{c: c} }

// Key is what the supplier says of the key in use; the key itself is not in it.
type Key struct {
	Type     string // KeySandbox or KeyProduction
	Scope    string // READ-WRITE or READ-ONLY
	Enabled  bool
	Username string // of the account, such as +213500000000
}

// Validate reads the key's type, scope and owner. It returns a *Refusal with Blocked for a rejected key or address; any other
// error says nothing about the key.
func (c *Client) Validate(ctx context.Context) (Key, error) {
	r, err := c.read(ctx, "validate", "/validate", nil)
	if err != nil {
		return Key{}, err
	}
	var data struct {
		Username text `json:"username"`
		Key      struct {
			Type    text  `json:"type"`
			Scope   text  `json:"scope"`
			Enabled *bool `json:"isEnabled"`
		} `json:"apiKey"`
	}
	if err := providers.DecodeJSON(r.data, &data); err != nil {
		return Key{}, fmt.Errorf("oneclickdz validate: %w", err)
	}
	key := Key{
		Type: strings.ToUpper(string(data.Key.Type)), Scope: strings.ToUpper(string(data.Key.Scope)),
		Enabled: data.Key.Enabled == nil || *data.Key.Enabled, Username: string(data.Username),
	}
	if key.Type == "" || key.Username == "" {
		return Key{}, fmt.Errorf("oneclickdz validate: %w: answer of %d bytes names no key type or user", providers.ErrUnknown, len(r.body))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user = key.Username
	return key, nil
}

// username is the account's name, read once.
func (c *Client) username(ctx context.Context) (string, error) {
	c.mu.Lock()
	user := c.user
	c.mu.Unlock()
	if user != "" {
		return user, nil
	}
	key, err := c.Validate(ctx)
	return key.Username, err
}

// Balance reads the account's balance in DZD. It returns a *Refusal with Blocked for a rejected key and with Busy for 429.
func (c *Client) Balance(ctx context.Context) (providers.Money, error) {
	r, err := c.read(ctx, "balance", "/account/balance", nil)
	if err != nil {
		return providers.Money{}, err
	}
	var data struct {
		Balance providers.Decimal `json:"balance"`
	}
	if err := providers.DecodeJSON(r.data, &data); err != nil {
		return providers.Money{}, fmt.Errorf("oneclickdz balance: %w", err)
	}
	m, err := data.Balance.Money(currency)
	if err != nil || m.IsZero() {
		return providers.Money{}, fmt.Errorf("oneclickdz balance: %w: no amount in an answer of %d bytes", providers.ErrUnknown, len(r.body))
	}
	return m, nil
}
