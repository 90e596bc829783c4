package checkout

import (
	"testing"
	"time"
)

// TestDigest: over four mornings and two processes that look every ten minutes, each morning has one digest.
func TestDigest(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		k.options.Zone = time.FixedZone("east", 3600)
		var shops []*Shop
		for range 2 {
			s, err := New(k.options)
			k.ok(err)
			shops = append(shops, s)
		}
		sent := map[string]int{}
		for range 3 * 24 * 6 {
			due := make([]bool, len(shops))
			for i, s := range shops { // both find it due before either takes it
				var err error
				due[i], err = s.DigestDue(k.ctx)
				k.ok(err)
			}
			for i, s := range shops {
				if !due[i] {
					continue
				}
				mine, err := s.TakeDigest(k.ctx)
				k.ok(err)
				if mine {
					at := k.now().In(k.options.Zone)
					if sent[at.Format(dateShape)]++; at.Hour() < digestFrom || at.Hour() >= digestTo {
						t.Errorf("a digest at %s", at)
					}
				}
			}
			k.pass(10 * time.Minute)
		}
		if len(sent) != 4 {
			t.Errorf("digests were sent on %v", sent)
		}
		for day, n := range sent {
			if n != 1 {
				t.Errorf("%d digests on %s", n, day)
			}
		}
	})
}
