package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// echo is the peer: a bot that says again what it is told, with the library as it comes. With an address it takes its updates there.
func echo(ctx context.Context, token, api, addr string) error {
	b, err := bot.New(token, bot.WithServerURL(api), bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
		if u.Message != nil {
			_, _ = b.SendMessage(ctx, &bot.SendMessageParams{ChatID: u.Message.Chat.ID, Text: u.Message.Text}) // who waits for it hears
		}
	}))
	if err != nil {
		return fmt.Errorf("start echo: %w", err)
	}
	if addr == "" {
		b.Start(ctx)
		return nil
	}
	var lc net.ListenConfig
	at, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("start echo: %w", err)
	}
	served := http.Server{Handler: b.WebhookHandler(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = served.Close() })
	defer stop()
	go b.StartWebhook(ctx)
	if _, err := b.SetWebhook(ctx, &bot.SetWebhookParams{URL: "http://" + addr + "/hook"}); err != nil {
		return fmt.Errorf("start echo: %w", err)
	}
	if err := served.Serve(at); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve echo: %w", err)
	}
	return nil
}
