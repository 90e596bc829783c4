package flows

import (
	"context"
	"errors"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// commandTier is /tier <name>|none in a group: which prices it pays.
func (d *Desk) commandTier(ctx context.Context, v *visit) error {
	tier := strings.ToLower(strings.TrimSpace(v.in.Text))
	switch tier {
	case "":
		v.menu(v.say("usage.title"), v.say("tier.usage"), v.home())
		return nil
	case "none":
		tier = ""
	}
	err := d.shop.SetTerm(ctx, v.in.User, checkout.TermChange{Account: v.group.Account, Term: store.TermTier, Value: tier})
	if errors.Is(err, checkout.ErrTerm) {
		v.menu(v.say("usage.title"), v.say("tier.usage"), v.home())
		return nil
	}
	if err != nil {
		return err
	}
	v.group.Terms.Tier = tier
	if tier == "" {
		v.menu(v.say("tier.none"), "", v.home())
		return nil
	}
	v.menu(v.say("tier.set", "Tier", tier), "", v.home())
	return nil
}
