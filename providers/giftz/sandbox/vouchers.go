package sandbox

import (
	"slices"
	"strings"
)

// triggerTime as the time of get-available-vouchers asks for the answer 202, as in the supplier's own sandbox.
const triggerTime = 1234567202

// Voucher is one line of the catalog.
type Voucher struct {
	ID        string   `json:"voucher_id"`
	Name      string   `json:"name"`
	Price     int64    `json:"price"` // in đồng; what one costs us
	Publisher string   `json:"publisher"`
	Desc      string   `json:"desc"`
	Common    []string `json:"common"` // keys of custom_data
	Secret    []string `json:"secret"` // keys of the encrypted data
	Stock     int      `json:"stock"`
}

// line is a Voucher with its live stock.
type line struct{ Voucher }

// DefaultVouchers is the catalog a Server starts with.
func DefaultVouchers() []Voucher {
	return []Voucher{
		{"G0001_GZ", "Grab 20.000đ", 20_000, "Grab", "Grab ride or food", []string{"serial", "valid_date"}, []string{"code", "url"}, 1000},
		{"G0002_GZ", "Grab 50.000đ", 50_000, "Grab", "Grab ride or food", []string{"serial", "valid_date"}, []string{"code", "url"}, 1000},
		{"S0001_GZ", "Shopee 50.000đ", 50_000, "Shopee", "Shopee order", []string{"serial", "expire_date"}, []string{"code"}, 1000},
		{"A0001", "Tiki 100.000đ", 100_000, "Tiki", "Tiki order", []string{"serial", "valid_date"}, []string{"code"}, 1000},
		{"znke", "Lazada 100.000đ", 100_000, "Lazada", "Lazada order", []string{"valid_date"}, []string{"code", "url"}, 1000},
		{"L0002", "Lazada 200.000đ", 200_000, "Lazada", "Lazada order", []string{"valid_date"}, []string{"code", "url"}, 5},
	}
}

// available answers get-available-vouchers: the lines in stock.
func (s *Server) available(c call) body {
	if c.UserName != s.o.UserName || c.Checksum != s.catalogChecksum(c.request) {
		return refusal(codeInvalid)
	}
	s.dawdle(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.trouble.Fault == Hostile {
		return body{code: codeSold, raw: s.spoil(&trade{})}
	}
	list := []object{}
	for _, l := range s.lines {
		if l.Stock > 0 {
			list = append(list, s.listed(l.Voucher))
		}
	}
	if len(list) == 0 || c.Time == triggerTime {
		return refusal(codeNone)
	}
	return body{code: codeSold, message: "Get available vouchers success", list: list}
}

// listed is one line on the wire; the caller holds the lock.
func (s *Server) listed(v Voucher) object {
	o := object{{"voucher_id", v.ID}, {"name", v.Name}, {"price", v.Price}, {"publisher", v.Publisher}, {"desc", v.Desc}}
	if s.style.SandboxNames {
		return append(o, pair{"custom_fields", v.Common}, pair{"secure_fields", v.Secret})
	}
	return append(o, pair{"common_field", strings.Join(v.Common, ", ")}, pair{"secret_field", strings.Join(v.Secret, ", ")})
}

// find gives a line by its id; the caller holds the lock.
func (s *Server) find(id string) *line {
	i := slices.IndexFunc(s.lines, func(l *line) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return s.lines[i]
}
