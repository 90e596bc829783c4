package giftz

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	"cardrop/providers"
)

// maxSKU is the longest voucher_id the shop can keep, in bytes.
const maxSKU = 128

// maxAnnounced is how many lines' field names are kept; a supplier with more starts them anew.
const maxAnnounced = 20_000

// fieldsLimit is how long a purchase may wait for the names of the fields to expect.
const fieldsLimit = 5 * time.Second

// region of all vouchers: they are priced in đồng and used in Vietnam.
const region = "vietnam"

// fields are the keys the catalog announces for one line.
type fields struct {
	custom []string // to expect in custom_data
	secure []string // to expect in the decrypted secure_data
}

// Catalog lists the vouchers on sale. Lines without an id or a price above zero are left out. It returns an error wrapping a
// *Refusal with Blocked or Misused when the supplier rejects the address or the request.
func (c *Client) Catalog(ctx context.Context) ([]providers.Product, error) {
	products, err := c.readCatalog(ctx)
	if err != nil {
		return nil, fmt.Errorf("read giftz catalog: %w", err)
	}
	return products, nil
}

// Quote reads the catalog once more and gives the line's present cost. The supplier tells no stock. It returns a *Refusal
// with OutOfStock when the line is not in the catalog, else the errors of Catalog.
func (c *Client) Quote(ctx context.Context, sku string) (providers.Offer, error) {
	products, err := c.readCatalog(ctx)
	if err != nil {
		return providers.Offer{}, fmt.Errorf("quote giftz line: %w", err)
	}
	for _, p := range products {
		if p.SKU == sku {
			return providers.Offer{SKU: sku, Cost: p.Cost, Stock: providers.StockUnknown}, nil
		}
	}
	return providers.Offer{}, &providers.Refusal{Reason: providers.OutOfStock, Code: "unlisted"}
}

func (c *Client) readCatalog(ctx context.Context) ([]providers.Product, error) {
	at := c.o.Now()
	answer, err := c.post(ctx, providers.Call{Name: "get-available-vouchers"}, catalogRequest{
		UserName: c.o.UserName, Time: at.Unix(), Checksum: c.catalogChecksum(at),
	})
	if err != nil {
		return nil, err
	}
	r, err := readReply(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("HTTP %d: %w", answer.Status, err)
	}
	switch r.Code {
	case codeSold:
		return c.readLines(r)
	case codeNone:
		return nil, nil
	case codeInvalid:
		return nil, &providers.Refusal{Reason: providers.Misused, Code: strconv.Itoa(codeInvalid)}
	case codeAddress:
		return nil, &providers.Refusal{Reason: providers.Blocked, Code: strconv.Itoa(codeAddress)}
	}
	return nil, fmt.Errorf("unexpected code %d", r.Code)
}

// readLines turns the catalog's lines into products, leaving out those that cannot be sold, and remembers what fields they
// announce.
func (c *Client) readLines(r reply) ([]providers.Product, error) {
	if r.empty() {
		return nil, nil
	}
	var lines []json.RawMessage
	if err := json.Unmarshal(r.Vouchers, &lines); err != nil {
		return nil, fmt.Errorf("vouchers of %d bytes are no list", len(r.Vouchers))
	}
	products := make([]providers.Product, 0, len(lines))
	announced := make(map[string]fields, len(lines))
	for _, line := range lines {
		var l listed
		if json.Unmarshal(line, &l) != nil {
			continue
		}
		product, ok := c.product(l)
		if _, twice := announced[product.SKU]; !ok || twice {
			continue
		}
		announced[product.SKU] = fields{custom: append(l.Common, l.Customs...), secure: append(l.Secret, l.Secures...)}
		products = append(products, product)
	}
	if len(products) == 0 {
		return nil, fmt.Errorf("none of %d lines can be read", len(lines))
	}
	c.remember(announced)
	return products, nil
}

func (c *Client) product(l listed) (providers.Product, bool) {
	price, err := l.Price.Money(currency)
	if err != nil || price.Minor <= 0 || l.ID == "" || len(l.ID) > maxSKU {
		return providers.Product{}, false
	}
	family, name := string(l.Publisher), string(l.Name)
	if name == "" {
		name = string(l.ID)
	}
	if family == "" {
		family = name
	}
	p := providers.Product{
		SKU: string(l.ID), Family: family, Title: family, Name: name, Category: family, Region: region, Kind: providers.Voucher,
		Cost: price, Stock: providers.StockUnknown, Max: MaxQuantity, Desc: string(l.Desc),
	}
	if c.o.PriceIs == PriceIsFace {
		p.Face = price
	}
	return p, true
}

// remember adds to what is known of the lines' fields. Lines that left the catalog stay known: a purchase of theirs may
// still be in doubt.
func (c *Client) remember(announced map[string]fields) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.announced)+len(announced) > maxAnnounced {
		c.announced = map[string]fields{}
	}
	maps.Copy(c.announced, announced)
}

// fieldsOf gives what a line announces; the zero fields expect nothing.
func (c *Client) fieldsOf(sku string) (fields, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.announced[sku]
	return f, ok
}

// learn reads the catalog when the line's fields are not known yet. A catalog that cannot be read costs the check of the
// announced fields, not the purchase, so its error has no consequence.
func (c *Client) learn(ctx context.Context, sku string) {
	if _, ok := c.fieldsOf(sku); ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, fieldsLimit)
	defer cancel()
	_, _ = c.readCatalog(ctx)
}

// isNull tells whether a JSON value is absent or null.
func isNull(value json.RawMessage) bool {
	v := bytes.TrimSpace(value)
	return len(v) == 0 || string(v) == "null"
}
