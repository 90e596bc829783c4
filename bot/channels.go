package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"cardrop/bot/delivery"
	"cardrop/bot/web"
	"cardrop/flows"
	"cardrop/flows/checkout"
)

// channels lists the ways in which cards are delivered, one line each; the first is the default. A channel stays here when its settings are
// taken away: what it has delivered is still to be ended.
func (p *program) channels(hook func(context.Context, string) error) []checkout.Channel {
	p.download = delivery.NewDownload(delivery.DownloadOptions{Now: p.c.now, Failpoint: hook})
	return []checkout.Channel{
		p.bot.Channel(),
		p.download,
	}
}

// linkTo makes the address of a one-time link; nil while PUBLIC_URL is not set, and then nobody is offered one.
func (p *program) linkTo() func(language, token string) string {
	if p.cfg.PublicURL == "" {
		return nil
	}
	root := strings.TrimRight(p.cfg.PublicURL, "/") + web.LinkPath
	return func(language, token string) string { return root + url.PathEscape(language) + "/" + token }
}

// links are the pages behind one-time links; nil while PUBLIC_URL is not set.
func (p *program) links() (http.Handler, error) {
	if p.cfg.PublicURL == "" {
		return nil, nil
	}
	open := p.download.Links(p.shop)
	return web.NewLinks(web.LinkOptions{HTTPS: strings.HasPrefix(p.cfg.PublicURL, "https:"), Words: p.words, Now: p.c.now, Log: p.c.log,
		Open: func(ctx context.Context, token string, caller checkout.Caller, file bool, show func(context.Context, checkout.Parcel) error) error {
			return open.Open(ctx, token, caller, file, show)
		}})
}

// linksOff tells the checklist why no links are offered; empty when they are.
func (p *program) linksOff() string {
	if p.cfg.PublicURL == "" {
		return flows.LinksOff
	}
	return ""
}

// rootURL tells whether an address has no more than scheme and host: the pages behind links hang at the root.
func rootURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && strings.Trim(u.Path, "/") == ""
}
