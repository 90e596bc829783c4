package flows

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cardrop/store"
)

// customers is what the desk needs to know people by short numbers.
type customers interface {
	CustomerNumber(ctx context.Context, user int64) (int64, error)
	Customer(ctx context.Context, number int64) (int64, error)
}

// numbered gives a person who talks for the first time a number; afterwards the talk carries it.
func (d *Desk) numbered(ctx context.Context, in Input, kept *store.Talk) error {
	if kept.Customer != 0 || !in.Private || in.Chat != in.User || in.User <= 0 {
		return nil
	}
	n, err := d.talks.CustomerNumber(ctx, in.User)
	if err != nil {
		return fmt.Errorf("number customer: %w", err)
	}
	kept.Customer = n
	return nil
}

// customerName is a customer's number as it is read aloud: C-4821.
func customerName(number int64) string { return "C-" + strconv.FormatInt(number, 10) }

// numberLine says a person's number; empty while there is none.
func (s speech) numberLine(number int64) string {
	if number == 0 {
		return ""
	}
	return s.say("customer.number", "Number", customerName(number))
}

// userName is a customer as an admin names them: by number where there is one, with the Telegram id.
func userName(user, number int64) string {
	id := strconv.FormatInt(user, 10)
	if number == 0 {
		return id
	}
	return customerName(number) + " (" + id + ")"
}

// customerNumber reads a customer's number as people type it: with any dash or none, in any case, with any digits.
func customerNumber(text string) (int64, bool) {
	number, ok := strings.CutPrefix(strings.ToUpper(strings.Trim(western(text), "#.,:")), "C")
	number = strings.TrimLeft(number, ".,:")
	if !ok || !made(number, 4, 15, digits) || number[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(number, 10, 64)
	return n, err == nil
}

// Why a customer an admin named is nobody.
var (
	errNoName = errors.New("neither a customer's number nor a Telegram id")
	errNobody = errors.New("nobody has this number")
)

// customer finds the user an admin names by number or numeric Telegram id. It returns errNoName or errNobody.
func (d *Desk) customer(ctx context.Context, text string) (int64, error) {
	if n, ok := customerNumber(text); ok {
		user, err := d.talks.Customer(ctx, n)
		if errors.Is(err, store.ErrNotFound) {
			return 0, errNobody
		}
		return user, err
	}
	id := strings.Trim(western(text), "#")
	if !isUser(id) {
		return 0, errNoName
	}
	return strconv.ParseInt(id, 10, 64)
}

// whom is meant for a command: where nobody is meant it draws why, with the command's usage, and gives 0.
func (d *Desk) whom(ctx context.Context, v *visit, text, command string) (int64, error) {
	user, err := d.meant(ctx, v, text)
	if nameless(err) {
		return 0, d.unnamed(v, err, text, command)
	}
	return user, err
}

// person says what the shop knows of a customer: number, Telegram id, name and age of the account.
func (d *Desk) person(ctx context.Context, v *visit, user int64) (string, error) {
	kept, err := d.talks.LoadTalk(ctx, user, 0)
	if err != nil {
		return "", err
	}
	who := v.say("credit.user", "User", userName(user, kept.Customer))
	if kept.Version == 0 {
		return lines(who, v.say("credit.stranger")), nil
	}
	known := d.visit(Input{Chat: user, User: user}, kept)
	return lines(who, v.say("credit.person", "Name", first(known.talk.Name, "?"), "Since", v.day(kept.Since))), nil
}

// about is person with the balance: what an admin sees before acting on a customer.
func (d *Desk) about(ctx context.Context, v *visit, user int64) (string, error) {
	who, err := d.person(ctx, v, user)
	if err != nil {
		return "", err
	}
	balance, err := d.shop.Balance(ctx, user)
	if err != nil {
		return "", err
	}
	return lines(who, v.say("wallet.balance", "Balance", v.money(balance))), nil
}

// numberOf is a user's number; 0 for one who never talked.
func (d *Desk) numberOf(ctx context.Context, user int64) (int64, error) {
	kept, err := d.talks.LoadTalk(ctx, user, 0)
	return kept.Customer, err
}
