package checkout

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnrated names the currencies in which nothing can be priced, and no other.
func TestUnrated(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.ok(k.shop.RefreshCatalog(k.ctx))
		missing, err := k.shop.Unrated(k.ctx)
		k.ok(err)
		if len(missing) != 0 {
			t.Errorf("with a rate: %v", missing)
		}
		k.shop.o.Rates = nil
		missing, err = k.shop.Unrated(k.ctx)
		k.ok(err)
		if diff := cmp.Diff([]string{"VND"}, missing); diff != "" {
			t.Error(diff)
		}
	})
}
