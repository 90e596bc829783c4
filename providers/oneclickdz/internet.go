package oneclickdz

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"cardrop/providers"
)

// Internet sells internet top-up cards of Algérie Télécom for ADSL and 4G lines, one card per placement. It is safe for
// concurrent use.
type Internet struct{ c *Client }

var (
	_ providers.Provider       = (*Internet)(nil)
	_ providers.Balancer       = (*Internet)(nil)
	_ providers.AccountChecker = (*Internet)(nil)
)

// Name is "ocnet".
func (n *Internet) Name() string { return InternetName }

// Balance reads the account's balance, which gift cards and internet cards share.
func (n *Internet) Balance(ctx context.Context) (providers.Money, error) { return n.c.Balance(ctx) }

// Catalog lists the cards of both types with their cost; it is complete, no line has to be opened. It returns a *Refusal with
// Blocked for a rejected key and with Busy for 429.
func (n *Internet) Catalog(ctx context.Context) ([]providers.Product, error) {
	var lines []providers.Product
	for _, kind := range []providers.AccountKind{providers.ADSL, providers.FourG} {
		part, err := n.lines(ctx, kind)
		if err != nil {
			return nil, err
		}
		lines = append(lines, part...)
	}
	return lines, nil
}

// lines reads the cards of one type. Cards without a face value or a cost above zero are left out.
func (n *Internet) lines(ctx context.Context, kind providers.AccountKind) ([]providers.Product, error) {
	r, err := n.c.read(ctx, "products", "/internet/products", url.Values{"type": {string(kind)}})
	if err != nil {
		return nil, err
	}
	items, ok := list(r.data, "products")
	if !ok {
		return nil, r.unknown("products")
	}
	title := "Algérie Télécom ADSL"
	if kind == providers.FourG {
		title = "Algérie Télécom 4G LTE"
	}
	var lines []providers.Product
	seen := map[string]bool{}
	for _, item := range items {
		var p struct {
			Value     json.RawMessage `json:"value"`
			Cost      json.RawMessage `json:"cost"` // what one card costs us, no ratio
			Available json.RawMessage `json:"available"`
		}
		if json.Unmarshal(item, &p) != nil {
			continue
		}
		face, okFace := price(p.Value)
		cost, okCost := price(p.Cost)
		digits := dinars(face)
		if !okFace || !okCost || seen[digits] {
			continue
		}
		seen[digits] = true
		stock := 0
		if string(p.Available) == "true" {
			stock = providers.StockUnknown
		}
		lines = append(lines, providers.Product{
			SKU: string(kind) + ":" + digits, Family: string(kind), Title: title, Name: string(kind) + " " + digits + " DA",
			Category: "Internet", Region: "algeria", Kind: providers.InternetCard, Account: kind, Face: face, Cost: cost,
			Stock: stock, Max: 1,
		})
	}
	if len(items) > 0 && len(lines) == 0 {
		return nil, r.unknown("products")
	}
	return lines, nil
}

// dinars writes an amount as the supplier lists face values: whole where it is whole.
func dinars(m providers.Money) string {
	digits, _, _ := strings.Cut(m.String(), " ")
	return strings.TrimSuffix(digits, ".00")
}

// splitLine is the type and the face value of a SKU such as "ADSL:1000"; false for what is no line of ours.
func splitLine(line string) (providers.AccountKind, string, bool) {
	kind, digits, ok := strings.Cut(line, ":")
	k := providers.AccountKind(kind)
	face, err := providers.ParseMoney(digits, currency)
	return k, digits, ok && (k == providers.ADSL || k == providers.FourG) && err == nil && face.Minor > 0 && dinars(face) == digits
}

// Quote reads cost and availability of one line now. It returns a *Refusal with OutOfStock for a line the supplier no longer
// lists, and with Blocked or Busy when it refuses to tell.
func (n *Internet) Quote(ctx context.Context, sku string) (providers.Offer, error) {
	kind, _, ok := splitLine(sku)
	if !ok {
		return providers.Offer{}, &providers.Refusal{Reason: providers.OutOfStock, Code: "sku"}
	}
	lines, err := n.lines(ctx, kind)
	if err != nil {
		return providers.Offer{}, err
	}
	for _, line := range lines {
		if line.SKU == sku {
			return providers.Offer{SKU: sku, Cost: line.Cost, Stock: line.Stock}, nil
		}
	}
	return providers.Offer{}, &providers.Refusal{Reason: providers.OutOfStock, Code: "value"}
}

// validNumber tells whether a line number has its kind's form: 0 and 8 digits for ADSL, 213 and 9 digits for 4G.
func validNumber(kind providers.AccountKind, number string) bool {
	if strings.Trim(number, "0123456789") != "" {
		return false
	}
	switch kind {
	case providers.ADSL:
		return len(number) == 9 && number[0] == '0'
	case providers.FourG:
		return len(number) == 12 && strings.HasPrefix(number, "213")
	}
	return false
}

// CheckAccount asks the operator about a line number. It returns a *Refusal with BadAccount for a number that is malformed,
// unknown or of the other type, and any other error when nothing is known about it.
func (n *Internet) CheckAccount(ctx context.Context, kind providers.AccountKind, number string) (providers.Account, error) {
	if !validNumber(kind, number) {
		return providers.Account{}, &providers.Refusal{Reason: providers.BadAccount, Code: "format"}
	}
	r, err := n.c.ask(ctx, providers.Call{
		Name: "check-number", Method: http.MethodGet, Path: "/internet/check-number",
		Query: url.Values{"type": {string(kind)}, "number": {number}},
	})
	if err != nil {
		return providers.Account{}, err
	}
	if !r.good() {
		return providers.Account{}, r.numberless()
	}
	var data struct {
		Holder text `json:"ncli"`
		Plan   text `json:"offre"`
		Type   text `json:"type"`
	}
	if err := providers.DecodeJSON(r.data, &data); err != nil {
		return providers.Account{}, fmt.Errorf("oneclickdz check-number: %w", err)
	}
	if data.Type != "" && lineKind(data.Type) != kind {
		return providers.Account{}, &providers.Refusal{Reason: providers.BadAccount, Code: "type"}
	}
	return providers.Account{Number: number, Kind: kind, Holder: string(data.Holder), Plan: string(data.Plan)}, nil
}

// numberless is the error of a check-number that found no line.
func (r reply) numberless() error {
	no := r.refusal()
	switch {
	case r.missing():
		return &providers.Refusal{Reason: providers.BadAccount, Code: r.code}
	case no != nil:
		return no
	}
	return r.unknown("check-number")
}

// lineKind reads a line's type; 4G lines come back as 4GLTE.
func lineKind(t text) providers.AccountKind {
	if strings.HasPrefix(strings.ToUpper(string(t)), "4G") {
		return providers.FourG
	}
	return providers.AccountKind(strings.ToUpper(string(t)))
}
