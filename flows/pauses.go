package flows

import (
	"context"
	"errors"
	"strings"

	"cardrop/flows/checkout"
)

// isSupplier is a supplier's short name.
func isSupplier(s string) bool { return made(s, 1, 24, "abcdefghijklmnopqrstuvwxyz0123456789") }

// commandResume is /resume <supplier>.
func (d *Desk) commandResume(ctx context.Context, v *visit) error {
	name := strings.ToLower(strings.TrimSpace(v.in.Text))
	if !isSupplier(name) {
		return d.open(ctx, v, "suppliers")
	}
	return d.resume(ctx, v, []string{name})
}

// resume sells from a paused supplier again. Of one that sells, or does not exist, it only shows how things stand.
func (d *Desk) resume(ctx context.Context, v *visit, args []string) error {
	err := d.shop.Reopen(ctx, v.in.User, args[0])
	if err != nil && !errors.Is(err, checkout.ErrNotFound) {
		return err
	}
	return d.open(ctx, v, "suppliers")
}

// resumable are the buttons that end the suppliers' pauses, or begin one, one a row.
func (v *visit) resumable(all []checkout.Supplier) [][]Button {
	var rows [][]Button
	for _, s := range all {
		if s.Paused != "" {
			rows = append(rows, []Button{v.button("suppliers.resume", "resume:"+s.Name, "Supplier", s.Name)})
		} else {
			rows = append(rows, []Button{v.button("suppliers.pause", "pause:"+s.Name, "Supplier", s.Name)})
		}
	}
	return rows
}
