package providertest

import (
	"testing"

	"cardrop/providers"
)

// maxSKU is the length a SKU may have, in bytes.
const maxSKU = 128

// catalogCases are the cases about what is for sale.
func catalogCases() []check {
	return []check{
		{name: "name is stable and plain", run: nameIsPlain},
		{name: "catalog has lines with unique SKUs", run: catalogIsSound},
		{name: "every line can be quoted", run: linesAreQuoted},
		{name: "a line that is not sold has no quote", run: strangerIsRefused},
	}
}

func nameIsPlain(t *testing.T, x *exam) {
	name := x.p.Name()
	if name == "" || name != x.p.Name() {
		t.Fatalf("name %q is empty or changes", name)
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			t.Errorf("name %q holds %q, want lower-case letters and digits", name, r)
		}
	}
}

func catalogIsSound(t *testing.T, x *exam) {
	seen := map[string]bool{}
	for _, line := range x.lines(t) {
		switch {
		case line.SKU == "" || len(line.SKU) > maxSKU:
			t.Errorf("SKU %q of family %q: want 1 to %d bytes", line.SKU, line.Family, maxSKU)
		case seen[line.SKU]:
			t.Errorf("SKU %q is listed twice", line.SKU)
		case line.Name == "" || line.Title == "" || line.Category == "" || line.Kind == "":
			t.Errorf("SKU %q lacks a name, title, category or kind: %+v", line.SKU, line)
		case line.Stock < providers.StockUnknown || line.Max < 0:
			t.Errorf("SKU %q has stock %d and max %d", line.SKU, line.Stock, line.Max)
		case line.Cost.Minor < 0 || line.Face.Minor < 0:
			t.Errorf("SKU %q has a negative amount", line.SKU)
		}
		seen[line.SKU] = true
	}
	if len(seen) == 0 {
		t.Error("the catalog is empty")
	}
}

func linesAreQuoted(t *testing.T, x *exam) {
	for _, line := range x.lines(t) {
		if line.Disabled {
			continue
		}
		offer, err := x.p.Quote(t.Context(), line.SKU)
		if reason, no := providers.Refused(err); no && reason == providers.OutOfStock && line.Stock == 0 {
			continue
		}
		if err != nil {
			t.Errorf("quote %q: %v", line.SKU, err)
			continue
		}
		if offer.SKU != line.SKU || offer.Cost.IsZero() || offer.Cost.Minor <= 0 || offer.Stock < providers.StockUnknown {
			t.Errorf("quote %q: got %+v", line.SKU, offer)
		}
	}
}

func strangerIsRefused(t *testing.T, x *exam) {
	_, err := x.p.Quote(t.Context(), "no-such-line")
	reason, no := providers.Refused(err)
	if !no || (reason != providers.OutOfStock && reason != providers.Misused) {
		t.Errorf("quote of an unknown line: got %v, want a refusal (out_of_stock or misused)", err)
	}
}

// lines reads the whole catalog and opens every family.
func (x *exam) lines(t *testing.T) []providers.Product {
	t.Helper()
	list, err := x.p.Catalog(t.Context())
	if err != nil {
		t.Fatalf("catalog: %v", err)
	}
	var lines []providers.Product
	for _, line := range list {
		if line.Family == "" {
			t.Errorf("line %q belongs to no family", line.SKU)
		}
		if line.SKU != "" {
			lines = append(lines, line)
			continue
		}
		opener, ok := x.Provider.(providers.Opener)
		if !ok {
			t.Fatalf("family %q has no SKU and the provider is no Opener", line.Family)
		}
		opened, err := opener.Open(t.Context(), line.Family)
		if err != nil {
			t.Fatalf("open family %q: %v", line.Family, err)
		}
		for _, o := range opened {
			if o.Family != line.Family {
				t.Errorf("family %q opened a line of family %q", line.Family, o.Family)
			}
		}
		lines = append(lines, opened...)
	}
	return lines
}
