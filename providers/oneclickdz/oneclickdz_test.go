package oneclickdz

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/oneclickdz/sandbox"
	"cardrop/providers/providertest"
)

const (
	liveKey    = "live-3f9a1c7e5b2d4860"
	playKey    = "play-77aa01bc93de5f42"
	readKey    = "read-0b1c2d3e4f5a6978"
	offKey     = "off0-9e8d7c6b5a493827"
	farKey     = "far0-1a2b3c4d5e6f7081"
	mixedKey   = "mix0-c0ffee00deadbeef"
	psnGermany = "61260000000000000001" + "0001"
	psnTen     = "61260000000a" + "000100010001"
)

// bench is a client joined to its simulator over loopback.
type bench struct {
	*Client
	gifts  *GiftCards
	net    *Internet
	sim    *sandbox.Server
	server *providertest.Server
	clock  *providertest.Clock
	refs   atomic.Int64
}

func open(t *testing.T) *bench {
	t.Helper()
	return openWith(t, liveKey, sandbox.Options{})
}

func openWith(t *testing.T, key string, o sandbox.Options) *bench {
	t.Helper()
	clock := providertest.NewClock()
	o.Now = clock.Now
	o.Keys = []sandbox.Key{
		{Token: liveKey, Type: sandbox.Production}, {Token: playKey, Type: sandbox.Sandbox},
		{Token: readKey, Type: sandbox.Production, Scope: sandbox.ReadOnly}, {Token: offKey, Type: sandbox.Production, Disabled: true},
		{Token: farKey, Type: sandbox.Production, IPs: []string{"192.0.2.7"}}, {Token: mixedKey, Type: sandbox.Sandbox, Lifelike: true},
	}
	sim := sandbox.New(o)
	server := providertest.Serve(t, sim)
	client, err := New(Options{AccessToken: providers.NewSecret(key), BaseURL: server.URL + "/v3", Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Client: client, gifts: client.GiftCards(), net: client.Internet(), sim: sim, server: server, clock: clock}
}

// buyGift makes a fresh placement of n cards of one line.
func (b *bench) buyGift(sku string, n int) providers.Placement {
	now := b.clock.Now()
	return providers.Placement{
		Ref: fmt.Sprintf("order%d-1", b.refs.Add(1)), SKU: sku, Quantity: n, Sent: now, SendBy: now.Add(30 * time.Second),
		Cost: providers.Money{Minor: 2890_00, Currency: currency},
	}
}

// buyNet makes a fresh placement of an ADSL card.
func (b *bench) buyNet(number string) providers.Placement {
	p := b.buyGift("ADSL:1000", 1)
	p.Account, p.Kind, p.Cost.Minor = number, providers.ADSL, 975_00
	return p
}

func (b *bench) trouble(t *testing.T, trouble sandbox.Trouble) {
	t.Helper()
	if err := b.sim.Fault(trouble); err != nil {
		t.Fatal(err)
	}
}

// supplier is the simulator as the contract's suite steers it.
type supplier struct {
	b *bench
	t *testing.T
}

// Fault passes the fault on; Down closes the listener, which no handler can do. A question then finds the connection dead that
// an earlier call kept: a purchase written to it would be unclear, and rightly so.
func (s supplier) Fault(f providertest.Fault, times int) {
	if f == providertest.Down {
		s.b.server.Down()
		if _, err := s.b.Balance(s.t.Context()); err == nil {
			s.t.Fatal("a server that is down answered")
		}
		return
	}
	s.b.trouble(s.t, sandbox.Trouble{Fault: sandbox.Fault(f), Times: times})
}

func (s supplier) Clear()  { s.b.sim.Clear(); s.b.server.Up() }
func (s supplier) Finish() { s.b.sim.Finish() }

func (s supplier) Sales() []providertest.Sale {
	var list []providertest.Sale
	for _, one := range s.b.sim.Sold() {
		list = append(list, providertest.Sale{
			Ref: one.Ref, Handle: one.Handle, Quantity: one.Quantity, Codes: one.Codes,
			Charged: providers.Money{Minor: one.Charged, Currency: currency},
		})
	}
	return list
}

func TestGiftCardContract(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		t.Helper()
		b := open(t)
		return providertest.Subject{
			Provider: b.gifts, Sim: supplier{b, t}, Advance: b.clock.Advance, NoReference: true,
			Buy:     func() providers.Placement { return b.buyGift(sku(psnGermany, psnTen), 2) },
			Secrets: []string{liveKey, b.server.URL},
		}
	})
}

func TestInternetContract(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		t.Helper()
		b := open(t)
		return providertest.Subject{
			Provider: b.net, Sim: supplier{b, t}, Advance: b.clock.Advance,
			Buy:     func() providers.Placement { return b.buyNet(sandbox.KnownADSL) },
			Secrets: []string{liveKey, b.server.URL},
		}
	})
}
