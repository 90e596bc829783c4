// Package ocpay takes money by OCPay, the payment links of OneClickDz (Flexy API v3, Algeria): people pay in dinars on the supplier's page,
// by card, and the shop asks what became of it. There are no notices: a link is asked about until it is paid or has ended.
//
// A link takes no reference of ours. Two calls make two links; one whose answer was lost can be paid by nobody, because its address was
// in that answer alone.
package ocpay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cardrop/providers"
)

// Name is the method's short name.
const Name = "ocpay"

// Currency is that of all links.
const Currency = "DZD"

// Life is how long a link waits for its payment to begin.
const Life = 20 * time.Minute

// The least and the most of one link, in centimes; it is a whole number of dinars.
const (
	Least = 500_00
	Most  = 500_000_00
)

// Options configure a Client.
type Options struct {
	AccessToken providers.Secret // of an account that OneClickDz has validated as a merchant
	BaseURL     string           // such as https://api.oneclickdz.com/v3
	Now         func() time.Time // time.Now when nil
	Failpoint   func(ctx context.Context, n string) error
}

// Client speaks to one account. It is safe for concurrent use.
type Client struct {
	token providers.Secret
	wire  *providers.Wire
	plain bool // the address is http on loopback, and links may be too
}

var _ providers.Cashier = (*Client)(nil)

// callLimit is how long one call may take.
const callLimit = 20 * time.Second

// New checks the options and makes a Client.
func New(o Options) (*Client, error) {
	var bad []error
	if o.AccessToken.Empty() {
		bad = append(bad, errors.New("ocpay: the access token is empty"))
	}
	wire, err := providers.NewWire(providers.WireOptions{Name: Name, BaseURL: o.BaseURL, Timeout: callLimit, MaxBody: 1 << 20, Now: o.Now,
		Failpoint: o.Failpoint})
	if err := errors.Join(append(bad, err)...); err != nil {
		return nil, err
	}
	return &Client{token: o.AccessToken, wire: wire, plain: strings.HasPrefix(o.BaseURL, "http://")}, nil
}

// CreateLink makes a link over whole dinars, whose fee the shop bears. It returns a *providers.Refusal when surely none was made.
func (c *Client) CreateLink(ctx context.Context, r providers.LinkRequest) (providers.PaymentLink, error) {
	if r.Amount.Currency != Currency || r.Amount.Minor < Least || r.Amount.Minor > Most || r.Amount.Minor%100 != 0 {
		return providers.PaymentLink{}, &providers.Refusal{Reason: providers.Misused, Code: "AMOUNT"}
	}
	type product struct {
		Title  string `json:"title"`
		Amount int64  `json:"amount"`
	}
	body, err := json.Marshal(struct {
		Product product `json:"productInfo"`
		Fee     string  `json:"feeMode"`
	}{product{r.Title, r.Amount.Minor / 100}, "NO_FEE"})
	if err != nil {
		return providers.PaymentLink{}, fmt.Errorf("ocpay create-link: %w: request cannot be written", providers.ErrNotSent)
	}
	data, err := c.ask(ctx, providers.Call{Name: "create-link", Method: http.MethodPost, Path: "/ocpay/createLink", Body: body, Buys: true})
	if err != nil {
		return providers.PaymentLink{}, err
	}
	return c.link(data)
}

// link reads what createLink says.
func (c *Client) link(data json.RawMessage) (providers.PaymentLink, error) {
	var made struct {
		URL  string `json:"paymentUrl"`
		Ref  string `json:"paymentRef"`
		Link struct {
			Ref     string `json:"ref"`
			Again   string `json:"paymentRef"` // the supplier's own library names it so
			Sandbox *bool  `json:"isSandbox"`
			Product struct {
				Amount providers.Decimal `json:"amount"`
			} `json:"productInfo"`
		} `json:"paymentLink"`
	}
	if err := providers.DecodeJSON(data, &made); err != nil {
		return providers.PaymentLink{}, fmt.Errorf("ocpay create-link: %w", err)
	}
	link := providers.PaymentLink{Ref: firstOf(made.Ref, made.Link.Ref, made.Link.Again), URL: made.URL}
	amount, err := made.Link.Product.Amount.Money(Currency)
	if !plainRef(link.Ref) || !c.page(link.URL) || made.Link.Sandbox == nil || err != nil {
		return providers.PaymentLink{}, fmt.Errorf("ocpay create-link: %w: the answer of %d bytes holds no usable link", providers.ErrUnknown, len(data))
	}
	link.Amount, link.Sandbox = amount, *made.Link.Sandbox
	return link, nil
}

// CheckPayment asks what became of a link. Its error says nothing about the payment.
func (c *Client) CheckPayment(ctx context.Context, ref string) (providers.Payment, error) {
	if !plainRef(ref) {
		return providers.Payment{}, fmt.Errorf("ocpay check-payment: %w: this is no reference of a link", providers.ErrNotSent)
	}
	data, err := c.ask(ctx, providers.Call{Name: "check-payment", Method: http.MethodGet, Path: "/ocpay/checkPayment/" + ref, Settles: true})
	if err != nil {
		return providers.Payment{}, err
	}
	var seen struct {
		Status  string `json:"status"`
		Ref     string `json:"paymentRef"`
		Details *struct {
			Amount   providers.Decimal `json:"amount"`
			Currency string            `json:"currency"`
			Sandbox  *bool             `json:"isSandbox"`
		} `json:"transactionDetails"`
	}
	if err := providers.DecodeJSON(data, &seen); err != nil {
		return providers.Payment{}, fmt.Errorf("ocpay check-payment: %w", err)
	}
	if seen.Ref != "" && seen.Ref != ref {
		return providers.Payment{}, fmt.Errorf("ocpay check-payment: %w: the answer is about another link", providers.ErrUnknown)
	}
	var p providers.Payment
	switch strings.ToUpper(seen.Status) {
	case "PENDING":
		p.State = providers.PaymentPending
	case "CONFIRMED":
		p.State = providers.PaymentConfirmed
	case "FAILED":
		p.State = providers.PaymentFailed
	default:
		return providers.Payment{}, fmt.Errorf("ocpay check-payment: %w: a state that is not known", providers.ErrUnknown)
	}
	if d := seen.Details; d != nil && d.Sandbox != nil {
		amount, err := d.Amount.Money(firstOf(d.Currency, Currency))
		if err != nil {
			return providers.Payment{}, fmt.Errorf("ocpay check-payment: %w: an amount that cannot be read", providers.ErrUnknown)
		}
		p.Amount, p.Sandbox = amount, *d.Sandbox
	}
	return p, nil
}

// page tells whether an address may be shown to a payer.
func (c *Client) page(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= 512 && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && c.plain)
}

// plainRef tells whether a reference means itself in a path.
func plainRef(ref string) bool {
	return ref != "" && len(ref) <= 60 && strings.Trim(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
