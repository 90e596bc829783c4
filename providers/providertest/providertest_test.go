package providertest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cardrop/providers"
	"cardrop/providers/giftz"
	"cardrop/providers/giftz/sandbox"
	"cardrop/providers/providertest"
)

const (
	key      = "k3y-Alpha_0001"
	password = "thirty-two-byte-password-0000032"
	variable = "CARDROP_BROKEN_PROVIDER"
)

// broken is a good client with one rule of the contract taken away.
type broken struct {
	*giftz.Client
	rule string
}

// rules are the defects, each with a case that must find it.
func rules() map[string]string {
	return map[string]string{
		"":                        "",
		"unclear becomes refused": "unclear: lost_after",
		"retries under a new ref": "unclear: lost_after",
		"a card is dropped":       "place comes to an end with the right cards",
		"the fault is dropped":    "partial fill keeps what came",
		"send-by is ignored":      "nothing is sent after the send-by time",
		"the key is in the error": "refused: out_of_funds",
		"a code is in the error":  "the same ref twice is one sale",
		"resolve gives up":        "a forgotten answer is recovered",
		"refusal becomes unclear": "refused: out_of_stock",
		"hostile becomes refused": "hostile answers to a purchase",
		"memo is long":            "place comes to an end with the right cards",
		"quote knows everything":  "a line that is not sold has no quote",
	}
}

// Place buys with the defect.
func (b broken) Place(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if b.rule == "send-by is ignored" {
		p.SendBy = time.Time{}
	}
	f, err := b.Client.Place(ctx, p)
	_, no := providers.Refused(err)
	unclear := err != nil && !no
	switch {
	case (b.rule == "unclear becomes refused" || b.rule == "hostile becomes refused") && unclear:
		return f, &providers.Refusal{Reason: providers.Busy}
	case b.rule == "retries under a new ref" && unclear:
		p.Ref += "-again"
		return b.Client.Place(ctx, p)
	case b.rule == "a card is dropped" && len(f.Cards) > 1:
		f.Cards = f.Cards[1:]
	case b.rule == "the fault is dropped":
		f.Fault, f.Raw = providers.NoFault, providers.Secret{}
	case b.rule == "the key is in the error" && no:
		return f, fmt.Errorf("%w with key %s", err, key)
	case b.rule == "a code is in the error" && err == nil:
		return providers.Fulfillment{}, errors.New("cannot keep " + f.Cards[0].Code.Expose())
	case b.rule == "refusal becomes unclear" && no:
		return f, providers.ErrUnknown
	case b.rule == "memo is long":
		f.Memo = strings.Repeat("m", 257)
	}
	return f, err
}

// Resolve asks with the defect.
func (b broken) Resolve(ctx context.Context, p providers.Placement) (providers.Fulfillment, error) {
	if b.rule == "resolve gives up" {
		return providers.Fulfillment{}, &providers.Refusal{Reason: providers.NotPlaced}
	}
	return b.Client.Resolve(ctx, p)
}

// Quote prices with the defect.
func (b broken) Quote(ctx context.Context, sku string) (providers.Offer, error) {
	o, err := b.Client.Quote(ctx, sku)
	if b.rule == "quote knows everything" {
		return providers.Offer{SKU: sku, Cost: providers.Money{Minor: 1, Currency: "VND"}}, nil
	}
	return o, err
}

// supplier steers the simulator.
type supplier struct {
	t      *testing.T
	sim    *sandbox.Server
	server *providertest.Server
}

func (s supplier) Fault(f providertest.Fault, times int) {
	if f == providertest.Down {
		s.server.Down()
		return
	}
	if err := s.sim.Fault(sandbox.Trouble{Fault: sandbox.Fault(f), Times: times}); err != nil {
		s.t.Fatal(err)
	}
}

func (s supplier) Clear()  { s.sim.Clear(); s.server.Up() }
func (s supplier) Finish() { s.sim.Finish() }

func (s supplier) Sales() []providertest.Sale {
	var list []providertest.Sale
	for _, one := range s.sim.Sold() {
		list = append(list, providertest.Sale{Ref: one.TransID, Quantity: one.Quantity, Codes: one.Codes})
	}
	return list
}

// TestBrokenProvider is run by TestSuiteFindsDefects in a process of its own, with the defect in the environment.
func TestBrokenProvider(t *testing.T) {
	rule, ok := os.LookupEnv(variable)
	if !ok {
		t.Skip("runs in the process that TestSuiteFindsDefects starts")
	}
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		clock := providertest.NewClock()
		sim := sandbox.New(sandbox.Options{UserName: "u", SecureKey: key, Password: password, Now: clock.Now})
		server := providertest.Serve(t, sim)
		client, err := giftz.New(giftz.Options{
			UserName: "u", SecureKey: providers.NewSecret(key), Password: providers.NewSecret(password), BaseURL: server.URL, Now: clock.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		var refs atomic.Int64
		return providertest.Subject{
			Provider: broken{client, rule}, Sim: supplier{t, sim, server}, Advance: clock.Advance,
			Buy: func() providers.Placement {
				now := clock.Now()
				return providers.Placement{Ref: fmt.Sprint("o", refs.Add(1)), SKU: "G0001_GZ", Quantity: 2, Sent: now, SendBy: now.Add(30 * time.Second)}
			},
			Secrets: []string{key, password},
			Lacks:   []providertest.Fault{providertest.RefundAll, providertest.Timeout}, // Timeout waits in real time
		}
	})
}

// TestSuiteFindsDefects puts each defect back on purpose: the suite must fail in the case that is about it, and pass without a
// defect.
func TestSuiteFindsDefects(t *testing.T) {
	for rule, name := range rules() {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBrokenProvider$")
		cmd.Env = append(os.Environ(), variable+"="+rule)
		out, err := cmd.CombinedOutput()
		if rule == "" {
			if err != nil {
				t.Errorf("without a defect the suite fails: %v\n%s", err, out)
			}
			continue
		}
		failed := "--- FAIL: TestBrokenProvider/" + strings.ReplaceAll(name, " ", "_")
		if err == nil || !strings.Contains(string(out), failed) {
			t.Errorf("%s: the case %q did not fail:\n%s", rule, name, out)
		}
	}
}
