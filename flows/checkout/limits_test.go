package checkout

import (
	"errors"
	"sync"
	"testing"
	"time"
)

// TestFiveOpenOrders: twenty purchases of one customer at once, with money for all, make five; another customer is not held up, and an
// order that ended makes room for one.
func TestFiveOpenOrders(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		made, refused := 0, 0
		for range 20 {
			b := k.basket(amine, grab, 1)
			wg.Go(func() {
				_, err := k.shop.Buy(k.ctx, b)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made++
				case errors.Is(err, ErrManyOpen):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made != 5 || refused != 15 {
			t.Errorf("%d orders were made and %d refused", made, refused)
		}
		k.sound()
		k.run(k.buy(bilal, grab, 1).ID, time.Second, time.Minute)
		k.work()
		k.buy(amine, grab, 1)
	}, func(o *Options) { o.MostOpen = 0 })
}

// TestABanStopsBuyingOnly: who is banned buys nothing and still opens what was bought before.
func TestABanStopsBuyingOnly(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		o, token := k.ready(amine, grab, 1)
		fresh, err := k.shop.Ban(k.ctx, admin, amine, true)
		k.ok(err)
		if !fresh {
			t.Error("the first ban changes nothing")
		}
		_, err = k.shop.Buy(k.ctx, k.basket(amine, grab, 1))
		k.is(err, ErrBanned)
		k.ok(k.reveal(o, token, amine))
		_, err = k.shop.Ban(k.ctx, admin, amine, false)
		k.ok(err)
		k.buy(amine, grab, 1)
	})
}
