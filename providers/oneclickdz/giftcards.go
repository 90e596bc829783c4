package oneclickdz

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"cardrop/providers"
)

// GiftCards sells gift cards. Its catalog lists families; a family is opened to see its lines with cost and stock. It is
// safe for concurrent use.
type GiftCards struct {
	c *Client

	mu       sync.Mutex
	families map[string]providers.Product // as the last catalog listed them
}

var (
	_ providers.Provider = (*GiftCards)(nil)
	_ providers.Opener   = (*GiftCards)(nil)
	_ providers.Balancer = (*GiftCards)(nil)
	_ providers.Finder   = (*GiftCards)(nil)
)

// Name is "ocgift".
func (g *GiftCards) Name() string { return GiftName }

// Balance reads the account's balance, which gift cards and internet cards share.
func (g *GiftCards) Balance(ctx context.Context) (providers.Money, error) { return g.c.Balance(ctx) }

// listedProduct is one product of the catalog. Two spellings of most fields are documented.
type listedProduct struct {
	ID      ident           `json:"id"`
	Mongo   ident           `json:"_id"`
	Title   text            `json:"title"`
	Name    text            `json:"name"`
	Region  text            `json:"region"`
	Enabled json.RawMessage `json:"enabled"`
}

// Catalog lists the families. It carries no prices: those come with Open. It returns a *Refusal with Blocked for a rejected
// key and with Busy for 429.
func (g *GiftCards) Catalog(ctx context.Context) ([]providers.Product, error) {
	r, err := g.c.read(ctx, "catalog", "/gift-cards/catalog", nil)
	if err != nil {
		return nil, err
	}
	categories, ok := list(r.data, "categories")
	if !ok {
		return nil, r.unknown("catalog")
	}
	var families []providers.Product
	known := map[string]providers.Product{}
	for _, raw := range categories {
		for _, family := range readCategory(raw) {
			if _, twice := known[family.Family]; !twice {
				known[family.Family] = family
				families = append(families, family)
			}
		}
	}
	if len(categories) > 0 && len(families) == 0 {
		return nil, r.unknown("catalog")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.families = known
	return families, nil
}

// readCategory reads the families of one category; what cannot be read is left out.
func readCategory(raw json.RawMessage) []providers.Product {
	var head struct {
		Title text `json:"title"`
		Name  text `json:"name"`
	}
	items, ok := list(raw, "products")
	if !ok || json.Unmarshal(raw, &head) != nil {
		return nil
	}
	var families []providers.Product
	for _, item := range items {
		var p listedProduct
		if json.Unmarshal(item, &p) != nil {
			continue
		}
		if family, ok := p.family(either(head.Title, head.Name, "Gift cards")); ok {
			families = append(families, family)
		}
	}
	return families
}

// family is the product as an unopened line; false when it has no usable id or title.
func (p listedProduct) family(category string) (providers.Product, bool) {
	id, title := first(p.ID, p.Mongo), either(p.Title, p.Name, "")
	enabled := len(p.Enabled) == 0 || string(p.Enabled) == "true"
	return providers.Product{
		Family: id, Title: title, Category: category, Region: strings.ToLower(string(p.Region)), Kind: providers.GiftCard,
		Stock: providers.StockUnknown, Disabled: !enabled,
	}, id != "" && title != ""
}

// either is the first text that came.
func either(a, b text, otherwise string) string {
	switch {
	case a != "":
		return string(a)
	case b != "":
		return string(b)
	}
	return otherwise
}

// Open reads the lines of one family with cost and stock. It returns a *Refusal with OutOfStock for a family the supplier
// does not know. Lines without a usable id or a price above zero are left out.
func (g *GiftCards) Open(ctx context.Context, family string) ([]providers.Product, error) {
	product, types, err := g.check(ctx, family)
	if err != nil {
		return nil, err
	}
	listed, err := g.family(ctx, family)
	if err != nil {
		return nil, err
	}
	lines := []providers.Product{}
	seen := map[string]bool{}
	for _, t := range types {
		cost, ok := price(t.Price)
		id := first(t.ID, t.Mongo)
		if !ok || id == "" || seen[id] {
			continue
		}
		seen[id] = true
		line := listed
		line.SKU, line.Family = sku(family, id), family
		line.Title = either(text(listed.Title), product, family)
		line.Name = either(t.Name, t.Title, line.Title)
		line.Cost, line.Stock = cost, t.stock()
		lines = append(lines, line)
	}
	return lines, nil
}

// family is what the catalog says of a family; the catalog is read when it is not known yet. A family that is not listed
// stands for itself.
func (g *GiftCards) family(ctx context.Context, id string) (providers.Product, error) {
	for range 2 {
		g.mu.Lock()
		family, ok := g.families[id]
		g.mu.Unlock()
		if ok {
			return family, nil
		}
		if _, err := g.Catalog(ctx); err != nil {
			return providers.Product{}, err
		}
	}
	return providers.Product{Family: id, Category: "Gift cards", Kind: providers.GiftCard}, nil
}

// Quote reads cost and stock of one line now. It returns a *Refusal with OutOfStock for a line the supplier no longer lists,
// and with Blocked or Busy when it refuses to tell.
func (g *GiftCards) Quote(ctx context.Context, line string) (providers.Offer, error) {
	product, kind, ok := splitSKU(line)
	if !ok {
		return providers.Offer{}, &providers.Refusal{Reason: providers.OutOfStock, Code: "sku"}
	}
	_, types, err := g.check(ctx, product)
	if err != nil {
		return providers.Offer{}, err
	}
	for _, t := range types {
		if first(t.ID, t.Mongo) != kind {
			continue
		}
		cost, ok := price(t.Price)
		if !ok {
			return providers.Offer{}, fmt.Errorf("oneclickdz checkProduct: %w: the line has no price above zero", providers.ErrUnknown)
		}
		return providers.Offer{SKU: line, Cost: cost, Stock: t.stock()}, nil
	}
	return providers.Offer{}, &providers.Refusal{Reason: providers.OutOfStock, Code: "type"}
}

// cardType is one line of a product.
type cardType struct {
	ID       ident           `json:"id"`
	Mongo    ident           `json:"_id"`
	Name     text            `json:"name"`
	Title    text            `json:"title"`
	Price    json.RawMessage `json:"price"` // of one card, in dinars
	Quantity whole           `json:"quantity"`
}

// stock is the count of cards; a count that cannot be read is none.
func (t cardType) stock() int {
	if t.Quantity.bad {
		return 0
	}
	return t.Quantity.n
}

// check reads one product's title and lines.
func (g *GiftCards) check(ctx context.Context, product string) (text, []cardType, error) {
	if !isPlain(product) {
		return "", nil, &providers.Refusal{Reason: providers.OutOfStock, Code: "product"}
	}
	r, err := g.c.ask(ctx, providers.Call{Name: "checkProduct", Method: "GET", Path: "/gift-cards/checkProduct/" + product})
	switch {
	case err != nil:
		return "", nil, err
	case r.missing():
		return "", nil, &providers.Refusal{Reason: providers.OutOfStock, Code: r.code}
	}
	items, ok := list(r.data, "types")
	if !r.good() || !ok {
		if no := r.refusal(); no != nil {
			return "", nil, no
		}
		return "", nil, r.unknown("checkProduct")
	}
	var types []cardType
	for _, item := range items {
		var t cardType
		if json.Unmarshal(item, &t) == nil {
			types = append(types, t)
		}
	}
	var head struct {
		Title text `json:"productTitle"`
	}
	_ = json.Unmarshal(r.data, &head) // a bare array has no title
	return head.Title, types, nil
}

// sku joins the two ids that an order needs.
func sku(product, kind string) string { return product + "/" + kind }

// splitSKU is the reverse of sku; false for what is no line of ours.
func splitSKU(line string) (product, kind string, ok bool) {
	product, kind, ok = strings.Cut(line, "/")
	return product, kind, ok && isPlain(product) && isPlain(kind)
}
