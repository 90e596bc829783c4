package telegram

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"cardrop/flows"
)

const (
	commandsLease = "commands"
	commandsLife  = 10 * time.Minute // not given back: replicas that start together must not set the menus again
	menuPatience  = 30 * time.Second
)

// ErrToken means that Telegram does not know the bot's token.
var ErrToken = errors.New("bot token was refused")

// Connect asks Telegram who this bot is and returns its username, which Username gives from then on. It fails with ErrToken, or
// with an error that may pass.
func (b *Bot) Connect(ctx context.Context) (string, error) {
	name := ""
	err := b.out.do(ctx, errand{rank: rankReply, lot: lotAnswer, repeat: true, patience: menuPatience}, "getMe",
		func(ctx context.Context) error {
			me, err := b.out.api.GetMe(ctx)
			if err == nil {
				name = me.Username
			}
			return err
		})
	switch {
	case code(err) == http.StatusUnauthorized || code(err) == http.StatusNotFound:
		return "", fmt.Errorf("%w: %w", ErrToken, err)
	case err != nil:
		return "", fmt.Errorf("ask for own name: %w", err)
	}
	b.username.Store(&name)
	return name, nil
}

// connect is Connect until it succeeds, the token is refused or ctx ends.
func (b *Bot) connect(ctx context.Context) error {
	if b.Username() != "" {
		return nil
	}
	for try := 1; ; try++ {
		_, err := b.Connect(ctx)
		if err == nil || errors.Is(err, ErrToken) {
			return err
		}
		b.log.Warn("telegram not reached", "error", err)
		if err := b.wait(ctx, backoff(try, time.Second, 30*time.Second)); err != nil {
			return err
		}
	}
}

// publish sets the command menus: for private chats, for groups, and more for each of the staff, in every language and once without a language for
// clients that speak none of ours. A menu is display, never a right; one that cannot be set is logged and left.
func (b *Bot) publish(ctx context.Context) {
	held, err := b.leases.TakeLease(ctx, commandsLease, commandsLife)
	if err != nil || !held {
		return
	}
	customers := func(language string) []flows.Command { return b.words.Commands(language, "") }
	b.menus(ctx, &models.BotCommandScopeAllPrivateChats{}, customers)
	b.menus(ctx, &models.BotCommandScopeAllGroupChats{}, b.words.GroupCommands)
	b.staffMenus(ctx, nil)
}

// republish sets the menus of people who may use other commands now, beside the lane: nobody waits for it.
func (b *Bot) republish(ctx context.Context, people []int64) {
	if len(people) == 0 {
		return
	}
	go b.guard("commands", func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), menuPatience)
		defer cancel()
		b.staffMenus(ctx, people)
	})
}

// staffMenus sets the private menu of some people as their role is now; of all the staff when nobody is named.
func (b *Bot) staffMenus(ctx context.Context, people []int64) {
	roles, err := b.desk.Staff(ctx)
	if err != nil {
		b.log.Warn("staff's command menus not set", "error", err)
		return
	}
	if people == nil {
		people = slices.Sorted(maps.Keys(roles))
	}
	for _, id := range people {
		b.menus(ctx, &models.BotCommandScopeChat{ChatID: id}, func(language string) []flows.Command { return b.words.Commands(language, roles[id]) })
	}
}

// menus sets one scope's menu in every language.
func (b *Bot) menus(ctx context.Context, scope models.BotCommandScope, commands func(language string) []flows.Command) {
	b.menu(ctx, scope, "", commands(b.language))
	for _, tag := range b.words.Languages() {
		b.menu(ctx, scope, tag, commands(tag))
	}
}

func (b *Bot) menu(ctx context.Context, scope models.BotCommandScope, tag string, commands []flows.Command) {
	var list []models.BotCommand
	for _, c := range commands {
		list = append(list, models.BotCommand{Command: c.Name, Description: c.Text})
	}
	if len(list) == 0 {
		return
	}
	err := b.out.do(ctx, errand{rank: rankNotice, lot: lotAnswer, repeat: true, patience: menuPatience}, "setMyCommands",
		func(ctx context.Context) error {
			_, err := b.out.api.SetMyCommands(ctx, &bot.SetMyCommandsParams{Commands: list, Scope: scope, LanguageCode: tag})
			return err
		})
	if err != nil && ctx.Err() == nil {
		b.log.Warn("command menu not set", "language", tag, "error", err)
	}
}
