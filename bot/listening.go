package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"cardrop/bot/web"
)

// listen takes the HTTP address; Telegram's webhook hangs under the path of its URL.
func (p *program) listen(ctx context.Context) error {
	o := web.Options{Addr: p.cfg.ListenAddr, Ready: p.missing, Notes: p.notes, Logger: p.c.log}
	if p.cfg.TelegramWebhookURL != "" {
		u, err := url.Parse(p.cfg.TelegramWebhookURL)
		if err != nil {
			return errors.New("TELEGRAM_WEBHOOK_URL: not a URL")
		}
		o.WebhookPath, o.Webhook = "/"+strings.Trim(u.Path, "/"), p.bot.WebhookHandler()
	}
	var err error
	if o.Links, err = p.links(); err != nil {
		return err
	}
	if p.web, err = web.Listen(ctx, o); err != nil {
		return fmt.Errorf("LISTEN_ADDR: %w", err)
	}
	return p.listenMetrics(ctx)
}
