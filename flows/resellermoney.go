package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// payee is whom an admin means to credit: a customer, or a group by its chat id, which is negative. Where nobody is meant it
// draws why, and gives a credit without a user.
func (d *Desk) payee(ctx context.Context, v *visit, text string) (Credit, error) {
	chat, ok := chatID(text)
	if !ok {
		user, err := d.whom(ctx, v, text, "credit")
		if err != nil || user == 0 {
			return Credit{}, err
		}
		number, err := d.numberOf(ctx, user)
		return Credit{User: user, Number: number}, err
	}
	if v.about().User != 0 {
		return Credit{}, d.unnamed(v, errTwo, text, "credit")
	}
	g, err := d.shop.Group(ctx, chat)
	if errors.Is(err, checkout.ErrNotFound) {
		v.menu(v.say("credit.nogroup", "Group", strconv.FormatInt(chat, 10)), v.say("usage.credit"), []Button{v.button("menu.admin", "admin")}, v.home())
		return Credit{}, nil
	}
	return Credit{User: g.ID(), Account: g.Account, Group: g.Chat}, err
}

// chatID reads a group's chat id as people copy it: with any minus, with any digits.
func chatID(text string) (int64, bool) {
	digits, minus := strings.CutPrefix(strings.NewReplacer("−", "-", "–", "-").Replace(strings.Trim(text, "#\u200e\u200f")), "-")
	if digits = western(digits); !minus || !isUser(digits) {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return -id, err == nil
}

// wallet is the account that is credited.
func (c Credit) wallet() string {
	if c.Account != "" {
		return c.Account
	}
	return store.CustomerAccount(c.User)
}

// payee names who is credited.
func (c Credit) payee() string {
	if c.Group != 0 {
		return strconv.FormatInt(c.Group, 10)
	}
	return userName(c.User, c.Number)
}

// payeeLine says what the shop knows of who is credited.
func (d *Desk) payeeLine(ctx context.Context, v *visit, c Credit) (string, error) {
	if c.Group != 0 {
		return v.say("credit.group", "Group", c.payee()), nil
	}
	return d.person(ctx, v, c.User)
}
