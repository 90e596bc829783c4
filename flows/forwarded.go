package flows

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
)

// About is who wrote the forwarded message that an input replies to. The zero value names nobody.
type About struct {
	User   int64 // numeric id of a person; 0 for nobody
	Hidden bool  // a person who shows nobody the account behind their forwarded messages; User is 0 then
}

// Why a customer cannot be told from what an admin's command replies to.
var (
	errHidden = errors.New("the person hides their account in forwarded messages")
	errTwo    = errors.New("the command names another customer than the message it replies to")
)

// about is whom an admin's command in private replies to.
func (v *visit) about() About {
	if !v.staffed() || !v.in.Private {
		return About{}
	}
	return v.in.About
}

// meant is the customer an admin's command is about: whom it names by number or numeric Telegram id, or, where text is empty, who wrote the
// forwarded message that it replies to. It returns the errors of nameless.
func (d *Desk) meant(ctx context.Context, v *visit, text string) (int64, error) {
	about := v.about()
	switch {
	case text != "":
		user, err := d.customer(ctx, text)
		if err == nil && about.User != 0 && user != about.User {
			return 0, errTwo
		}
		return user, err
	case about.Hidden:
		return 0, errHidden
	case about.User == 0:
		return 0, errNoName
	}
	return about.User, nil
}

// nameless tells whether an error says why a command names no customer.
func nameless(err error) bool {
	return slices.ContainsFunc([]error{errNoName, errNobody, errHidden, errTwo}, func(why error) bool { return errors.Is(err, why) })
}

// unnamed draws why a command names no customer, and how it is written.
func (d *Desk) unnamed(v *visit, why error, typed, command string) error {
	title := ""
	switch {
	case errors.Is(why, errNobody):
		title = v.say("customer.nobody", "Typed", clip(typed, 40))
	case errors.Is(why, errHidden):
		title = v.say("customer.hidden")
	case errors.Is(why, errTwo):
		title = v.say("customer.two")
	default:
		return d.usage(v, command)
	}
	v.menu(title, v.say("usage."+command), []Button{v.button("menu.admin", "admin")}, v.home())
	return nil
}

// whose takes the customer or group off the front of a command's words. In a reply they may be missing; name is empty then.
func (d *Desk) whose(ctx context.Context, v *visit, words []string) (name string, rest []string, err error) {
	if len(words) == 0 {
		return "", nil, nil
	}
	if v.about() != (About{}) {
		if named, err := d.named(ctx, v, words); err != nil || !named {
			return "", words, err
		}
	}
	return words[0], words[1:], nil
}

// named tells whether the first word of a reply names a customer or a group, and is not the amount: it is a customer's number, or an amount
// follows it and it is the id of somebody the shop knows.
func (d *Desk) named(ctx context.Context, v *visit, words []string) (bool, error) {
	if _, ok := customerNumber(words[0]); ok {
		return true, nil
	}
	if _, _, ok := givenAmount(words[1:], d.words.options.Currency); !ok {
		return false, nil
	}
	if chat, ok := chatID(words[0]); ok {
		_, err := d.shop.Group(ctx, chat)
		if errors.Is(err, checkout.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	id := strings.Trim(western(words[0]), "#")
	if !isUser(id) {
		return false, nil
	}
	user, err := strconv.ParseInt(id, 10, 64)
	if err != nil || user == v.about().User {
		return err == nil, err
	}
	number, err := d.numberOf(ctx, user)
	return number != 0, err
}
