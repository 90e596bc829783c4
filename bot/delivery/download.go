// Package delivery brings cards to their owners by other ways than the chat. Each way is a checkout.Channel in a file of its own; it joins the
// shop by one line in bot/channels.go.
package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"cardrop/flows/checkout"
)

// downloadName is the delivery method in events and receipts.
const downloadName = "download"

// errNobody means that the page that waited for the cards is not there any more.
var errNobody = errors.New("no page waits for this parcel")

// DownloadOptions configure a Download.
type DownloadOptions struct {
	Now       func() time.Time
	Failpoint func(ctx context.Context, name string) error // called around what leaves; nil outside crash tests
}

// Download is the channel of one-time links: it writes cards into the answer of the very request that opens a link. Nothing of them is kept:
// after a crash there is nothing to take back, and the page has its own end.
type Download struct {
	o  DownloadOptions
	mu sync.Mutex
	at map[string]Shower // the requests that wait, by a name that means nothing outside of this process
}

// Shower writes cards into the answer of a request, up to the end of the context. When it returns nil they have left for the browser.
type Shower func(ctx context.Context, p checkout.Parcel) error

var _ checkout.Channel = (*Download)(nil)

// NewDownload makes the channel.
func NewDownload(o DownloadOptions) *Download { return &Download{o: o, at: map[string]Shower{}} }

// Name is "download".
func (d *Download) Name() string { return downloadName }

// Prepare finds the request that waits. It holds no code yet.
func (d *Download) Prepare(_ context.Context, to checkout.Recipient) (checkout.Receipt, error) {
	if d.shower(to.Place) == nil {
		return checkout.Receipt{}, errNobody
	}
	return checkout.Receipt{Channel: downloadName, Chat: to.Chat, File: to.File, Sent: d.o.Now(), ID: to.Place}, nil
}

// Show writes the cards into the answer, once: what was begun is not repeated.
func (d *Download) Show(ctx context.Context, r checkout.Receipt, p checkout.Parcel) error {
	show := d.shower(r.ID)
	if show == nil {
		return errNobody
	}
	d.leave(r.ID)
	if err := d.failpoint(ctx, "before"); err != nil {
		return err
	}
	if err := show(ctx, p); err != nil {
		return fmt.Errorf("write cards: %w", err)
	}
	return d.failpoint(ctx, "after")
}

// Retract finds nothing to take back: the page clears itself.
func (d *Download) Retract(context.Context, checkout.Receipt) error { return nil }

func (d *Download) failpoint(ctx context.Context, when string) error {
	if d.o.Failpoint == nil {
		return nil
	}
	return d.o.Failpoint(ctx, "delivery.download."+when)
}

// wait lets a request wait for its cards.
func (d *Download) wait(show Shower) (place string) {
	place = rand.Text()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at[place] = show
	return place
}

func (d *Download) leave(place string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.at, place)
}

func (d *Download) shower(place string) Shower {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at[place]
}

// redeemer is what a link needs of the shop.
type redeemer interface {
	Redeem(ctx context.Context, token string, caller checkout.Caller, route checkout.Route) error
}

// Links opens one-time links.
type Links struct {
	shop    redeemer
	channel *Download
}

// Links joins the channel to the shop that it is a channel of.
func (d *Download) Links(shop redeemer) *Links { return &Links{shop: shop, channel: d} }

// Open brings the cards behind a token to show, as a page or as a file. It returns the errors of checkout.Shop.Redeem.
func (l *Links) Open(ctx context.Context, token string, caller checkout.Caller, file bool, show Shower) error {
	place := l.channel.wait(show)
	defer l.channel.leave(place)
	return l.shop.Redeem(ctx, token, caller, checkout.Route{Channel: downloadName, File: file, Place: place})
}
