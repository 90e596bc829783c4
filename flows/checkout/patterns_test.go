package checkout

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/store"
)

// heard keeps the alarms of two kinds.
type heard struct {
	mu   sync.Mutex
	said []string
}

func (h *heard) option(o *Options) {
	o.Alarm = func(_ context.Context, kind, about string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if strings.HasPrefix(kind, "many_") {
			h.said = append(h.said, kind+": "+about)
		}
	}
}

// TestManyWrongTokensAlarmOnce: fifty wrong tokens of one person, at once and by and by, make one alarm; a few of another make none.
func TestManyWrongTokensAlarmOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		var h heard
		k.options.Alarm = nil
		h.option(&k.shop.o)
		k.pass(10 * time.Minute) // away from the end of a stretch
		guess := func(user int64) {
			if err := k.shop.Reveal(k.ctx, "ABCDEFGH", strings.Repeat("A", 43), Buyer{User: user, Chat: user}, Route{}); err == nil {
				t.Error("a wrong token opened something")
			}
		}
		var wg sync.WaitGroup
		for range 25 {
			wg.Go(func() { guess(bilal) })
		}
		wg.Wait()
		for range 25 {
			guess(bilal)
		}
		for range 5 {
			guess(amine)
		}
		if diff := cmp.Diff([]string{"many_tokens: user 1002, 20 in 1h0m0s"}, h.said); diff != "" {
			t.Error(diff)
		}
	})
}

// TestManyRefusedReceiptsAlarmOnce: the fifth refused receipt of one person in a week is an alarm, and the sixth is none.
func TestManyRefusedReceiptsAlarmOnce(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		var h heard
		h.option(&k.shop.o)
		k.pass(8 * 24 * time.Hour)
		for i := range 6 {
			r := k.paid(karim, 900_00, "n"+itoa(i))
			k.ok(k.shop.ClaimTopUp(k.ctx, admin, r.ID, store.TopUp{}.Admin))
			k.ok(k.shop.RefuseTopUp(k.ctx, admin, r.ID, "notfound"))
			if want := i >= 4; (len(h.said) == 1) != want || len(h.said) > 1 {
				t.Errorf("after %d refusals: %v", i+1, h.said)
			}
		}
	}, paying)
}
