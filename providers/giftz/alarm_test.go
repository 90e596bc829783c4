package giftz

import (
	"errors"
	"testing"

	"cardrop/providers"
	"cardrop/providers/giftz/sandbox"
)

// A repeat that is rejected for its signature or address, or that the supplier knows without vouchers, stays unknown and is to be
// heard of; other unclear answers are not.
func TestResolveAlarms(t *testing.T) {
	for fault, want := range map[sandbox.Fault]bool{
		sandbox.Invalid: true, sandbox.Blocked: true, sandbox.NoVouchers: true,
		sandbox.OutOfStock: false, sandbox.TooMany: false, sandbox.HTML502: false, sandbox.LostAfter: false,
	} {
		b := open(t)
		m := &memos{b, b.buy(1)}
		b.lost(t, sandbox.LostAfter, m.p)
		err := m.ask(t, fault, 0)
		if !errors.Is(err, providers.ErrUnknown) || errors.Is(err, providers.ErrAlarm) != want {
			t.Errorf("%s: %v; alarm wanted: %v", fault, err, want)
		}
		if _, no := providers.Refused(err); no {
			t.Errorf("%s is a refusal", fault)
		}
	}
}
