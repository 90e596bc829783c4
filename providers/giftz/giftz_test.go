package giftz

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/giftz/sandbox"
	"cardrop/providers/providertest"
)

const (
	testUser     = "shop_alpha"
	testKey      = "k3y-Alpha_0001"
	testPassword = "thirty-two-byte-password-0000032"
	grab         = "G0001_GZ"
)

// bench is a client joined to its simulator over loopback.
type bench struct {
	*Client
	sim    *sandbox.Server
	server *providertest.Server
	clock  *providertest.Clock
	refs   atomic.Int64
}

func open(t *testing.T) *bench {
	t.Helper()
	clock := providertest.NewClock()
	sim := sandbox.New(sandbox.Options{UserName: testUser, SecureKey: testKey, Password: testPassword, Now: clock.Now})
	server := providertest.Serve(t, sim)
	client, err := New(Options{
		UserName: testUser, SecureKey: providers.NewSecret(testKey), Password: providers.NewSecret(testPassword),
		BaseURL: server.URL + "/api/v1", Now: clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Client: client, sim: sim, server: server, clock: clock}
}

// buy makes a fresh placement of n vouchers.
func (b *bench) buy(n int) providers.Placement {
	now := b.clock.Now()
	return providers.Placement{
		Ref: fmt.Sprintf("order%d-1", b.refs.Add(1)), SKU: grab, Quantity: n, Sent: now, SendBy: now.Add(30 * time.Second),
		Cost: providers.Money{Minor: 20_000, Currency: currency},
	}
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

// Fault passes the fault on; Down closes the listener, which no handler can do.
func (s supplier) Fault(f providertest.Fault, times int) {
	if f == providertest.Down {
		s.b.server.Down()
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
			Ref: one.TransID, Quantity: one.Quantity, Codes: one.Codes, Charged: providers.Money{Minor: one.Charged, Currency: currency},
		})
	}
	return list
}

func TestContract(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		b := open(t)
		return providertest.Subject{
			Provider: b.Client, Sim: supplier{b, t}, Advance: b.clock.Advance,
			Buy:     func() providers.Placement { return b.buy(2) },
			Secrets: []string{testKey, testPassword, b.server.URL},
			Lacks:   []providertest.Fault{providertest.RefundAll},
		}
	})
}
