package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
)

// race lets many claim each of many tokens at once, and counts the winners of each.
func (s *kit) race(claimers, tokens int) []int64 {
	s.t.Helper()
	winners := make([]atomic.Int64, tokens)
	for n := range tokens {
		id := fmt.Sprintf("o%d", n)
		s.sealed(id, 1)
		s.mint(id, n)
	}
	s.link()
	gate := make(chan struct{})
	var wg sync.WaitGroup
	var notary sync.Mutex
	for range claimers {
		wg.Go(func() {
			<-gate
			for n := range tokens {
				if n%20 == 19 && notary.TryLock() { // a long race outlasts what may stay unlinked
					s.link()
					notary.Unlock()
				}
				_, err := s.TakeReveal(s.ctx, wish(fmt.Sprintf("o%d", n), n))
				var o *TakeOutcome
				switch {
				case err == nil:
					winners[n].Add(1)
				case !errors.As(err, &o) || o.Word != "on_screen":
					s.t.Errorf("token %d: %v", n, err)
					return
				}
			}
		})
	}
	close(gate)
	wg.Wait()
	counts := make([]int64, tokens)
	for n := range winners {
		counts[n] = winners[n].Load()
	}
	return counts
}

// TestThreat19OneWinnerATokenInParallel: row 19 of what the shop promises. The embedded Redis runs one command at a time in one
// process and is slow at Lua, so it gets a smaller crowd. With CRASH=full the real one hands out 10,000 tokens.
func TestThreat19OneWinnerATokenInParallel(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		claimers, tokens := 8, 20
		if s.real {
			claimers, tokens = 64, 200
		}
		if s.real && os.Getenv("CRASH") == "full" {
			tokens = 10_000
		}
		doubles := 0
		for n, won := range s.race(claimers, tokens) {
			if won != 1 {
				doubles++
				t.Errorf("token %d has %d winners", n, won)
			}
		}
		t.Logf("%d simultaneous claimers over %d tokens: %d doubles", claimers, tokens, doubles)
		events, err := s.EventsBefore(s.ctx, Trail{Person: "p1"}, "", 2*tokens)
		s.ok(err)
		kinds := 0
		for _, e := range events {
			if e.Kind == "CLAIMED" {
				kinds++
			}
		}
		if kinds != tokens {
			t.Errorf("%d claims are recorded for %d tokens", kinds, tokens)
		}
	})
}

// TestTheRaceFindsASecondWinner is the control of the test above: the same race over a copy of the script that does not look at
// the reveal's state has more than one winner a token.
func TestTheRaceFindsASecondWinner(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		prelude, err := sources.ReadFile("lua/prelude.lua")
		s.ok(err)
		text, err := sources.ReadFile("lua/take_reveal.lua")
		s.ok(err)
		careless := string(text)
		for _, check := range []string{
			"if state == 'shown' or state == 'showing' then return",
			"if state == 'claimed' and tonumber(get('rv.until')) > NOW then return",
		} {
			if strings.Count(careless, check) != 1 {
				t.Fatalf("take_reveal no longer holds %q", check)
			}
			careless = strings.Replace(careless, check, "if false then return", 1)
		}
		s.scripts["take_reveal"] = redis.NewScript(string(prelude) + careless)
		doubles := 0
		for _, won := range s.race(8, 10) {
			if won > 1 {
				doubles++
			}
		}
		if doubles == 0 {
			t.Error("a script without the check passes the race: the race proves nothing")
		}
	})
}
