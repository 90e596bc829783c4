package flows

import (
	"encoding/csv"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/providers"
)

// byteOrderMark lets spreadsheets read a table as UTF-8.
const byteOrderMark = "\ufeff"

// spreadsheet is the file with the codes of many cards as comma-separated values (RFC 4180), one card a row. A code stands in it byte for byte.
func spreadsheet(p checkout.Parcel) providers.Secret {
	var out strings.Builder
	out.WriteString(byteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write([]string{"order", "card", "product", "code", "serial", "valid_until", "url"}) // a Builder refuses nothing
	for i, c := range p.Cards {
		row := []string{orderName(p.Order), strconv.Itoa(i + 1), p.Title, c.Code.Expose(), c.Serial.Expose(), "", ""}
		for _, x := range c.Extras {
			switch x.Label {
			case providers.LabelValidUntil, labelExpires:
				row[5] = x.Value.Expose()
			case providers.LabelURL:
				row[6] = x.Value.Expose()
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return providers.NewSecret(out.String())
}
