package flows

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// TestTableOfCodes holds that a table brings every code byte for byte, whatever signs are in it, and that a text file is no table.
func TestTableOfCodes(t *testing.T) {
	secret := providers.NewSecret
	codes := []string{"AB-12", `a"b,c`, "=1+1", " x "}
	p := checkout.Parcel{Recipient: checkout.Recipient{Order: "K7M29QXW", Title: "Grab, 20.000đ", Language: "ar", File: true, Table: true},
		Until: time.Unix(0, 0)}
	for _, code := range codes {
		p.Cards = append(p.Cards, providers.Card{Code: secret(code), Serial: secret("s" + code),
			Extras: []providers.Field{{Label: providers.LabelURL, Value: secret("https://x.test/" + code)}, {Label: providers.LabelValidUntil, Value: secret("2030-01-01")}}})
	}
	page, err := openWords(t).Codes(p)
	if err != nil || page.File == nil || page.File.Name != "cards-K7M29QXW.csv" {
		t.Fatalf("%+v, %v", page.File, err)
	}
	text, ok := strings.CutPrefix(page.File.Data.Expose(), byteOrderMark)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !ok || !strings.Contains(text, "\r\n") {
		t.Fatalf("%v, with its mark: %v", err, ok)
	}
	want := [][]string{{"order", "card", "product", "code", "serial", "valid_until", "url"}}
	for i, code := range codes {
		want = append(want, []string{"K7M2-9QXW", number(i + 1), "Grab, 20.000đ", code, "s" + code, "2030-01-01", "https://x.test/" + code})
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	p.Table = false
	if page, err = openWords(t).Codes(p); err != nil || page.File.Name != "cards-K7M29QXW.txt" {
		t.Errorf("%+v, %v", page.File, err)
	}
}
