package main

import (
	"cmp"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cardrop/bot/failpoint"
)

// How much of the crash suite runs is said by CRASH: short (each point once), full (each point in each mode, in each scenario that
// leads there), soak (at random, for CRASH_TIME, from CRASH_SEED). Without it a few points run, so that `go test ./...` stays quick.
const (
	crashShort = "short"
	crashFull  = "full"
	crashSoak  = "soak"
)

// modes are the ways in which the program dies at a point.
func modes() []string { return []string{"kill", "twice", "redis"} }

// wrecking is one run: a scenario, broken at a point.
type wrecking struct {
	scenario string
	ruin     ruin
}

func (w wrecking) String() string {
	return fmt.Sprintf("%s/%s:%d/%s", w.scenario, w.ruin.point, w.ruin.at, w.ruin.mode)
}

// outcome is what became of a run.
type outcome struct {
	wrecking
	hits   int
	broken []string
	charged
}

// TestCrash kills the program at every failpoint, lets a supervisor start it again, and checks all promises against what Telegram
// and the suppliers saw. A point that no run reaches fails.
func TestCrash(t *testing.T) {
	t.Parallel()
	var plan []wrecking
	size := os.Getenv("CRASH")
	switch size {
	case crashFull:
		plan = fullPlan()
	case crashShort:
		plan = shortPlan()
	case crashSoak:
		soak(t)
		return
	default:
		plan = smokePlan()
	}
	met := &points{reached: map[string]int{}}
	results := wreckAll(t, slices.Values(plan), met)
	t.Log("\n" + matrix(results))
	chosen := slices.ContainsFunc(results, func(o outcome) bool { return o.scenario == "" }) // by -run: the others were left out
	if !chosen && (size == crashFull || size == crashShort) {
		met.check(t)
	}
}

// rigs is how many runs go on side by side: they mostly wait.
func rigs() int {
	if n, err := strconv.Atoi(os.Getenv("CRASH_RIGS")); err == nil && n > 0 {
		return n
	}
	return 5 * min(runtime.NumCPU(), 5)
}

func wreckAll(t *testing.T, plan iter.Seq[wrecking], met *points) []outcome {
	t.Helper()
	work := make(chan wrecking)
	var mu sync.Mutex
	var results []outcome
	var wg sync.WaitGroup
	for range rigs() {
		wg.Go(func() {
			for one := range work {
				var got outcome
				t.Run(one.String(), func(t *testing.T) { got = wreckOnce(t, one, met) })
				mu.Lock()
				results = append(results, got)
				mu.Unlock()
			}
		})
	}
	for one := range plan {
		work <- one
	}
	close(work)
	wg.Wait()
	return results
}

// wreckOnce plays one scenario with one ruin and reports what is broken afterwards as the test's errors.
func wreckOnce(t *testing.T, one wrecking, met *points) outcome {
	t.Helper()
	w := newWreck(t, "", one.ruin, scene(t, one.scenario).settings)
	got := outcome{wrecking: one}
	got.broken = w.plays(scene(t, one.scenario))
	got.hits, got.charged = w.struck(), w.tally
	met.add(w.log.String())
	if strings.Contains(w.log.String(), "panic: ") || strings.Contains(w.log.String(), failpoint.Canary) {
		got.broken = append(got.broken, "a panic printed its value")
	}
	if one.ruin.mode == "panic" && w.ends > 0 {
		got.broken = append(got.broken, "a panic ended the program")
	}
	if one.ruin.mode != "" && got.hits == 0 {
		got.broken = append(got.broken, "the point was never reached")
	}
	for _, b := range got.broken {
		t.Error(b)
	}
	if t.Failed() {
		t.Logf("ends: %d, last: %v\n%s", w.ends, w.last, w.log)
	}
	return got
}

// plays goes through a scenario to its quiet end and returns what is broken.
func (w *wreck) plays(s scenario) []string {
	ctx := w.t.Context()
	w.endow(omar, 500_000_00)
	if s.before != nil {
		if err := s.before(w, s); err != nil {
			return []string{err.Error()}
		}
	}
	if s.boot {
		w.arm()
	}
	w.launch()
	if !until(80*time.Second, w.up) { // the catalog is tried again within a minute
		return []string{"the program did not get ready"}
	}
	if s.trouble != nil {
		if err := s.trouble(w); err != nil {
			return []string{err.Error()}
		}
	}
	if s.line != "" && (&human{wreck: w, id: omar}).code(s.line) == "" {
		return []string{"the catalog does not know " + s.line}
	}
	w.arm()
	buyer := &human{wreck: w, id: omar}
	steps := []func() error{func() error { return buyer.buys(s) }}
	if s.admin != nil {
		steps = append(steps, func() error { return s.admin(buyer) })
	}
	steps = append(steps, func() error { return buyer.receives(s) })
	if s.after != nil {
		steps = append(steps, func() error { return s.after(buyer) })
	}
	steps = append(steps, func() error { return w.still(ctx) })
	for _, step := range steps {
		if err := step(); err != nil {
			return []string{err.Error()}
		}
	}
	broken := w.promises(ctx)
	if s.check != nil {
		broken = append(broken, s.check(w)...)
	}
	if took, err := w.dock(); err != nil || took > 12*time.Second {
		broken = append(broken, fmt.Sprintf("its end took %s: %v", took, err))
	}
	if codes := w.sold(); len(codes) > 0 {
		w.nothingLeaks(codes)
	}
	return broken
}

// soak breaks at random for as long as CRASH_TIME says. The seed is printed: CRASH_SEED repeats the choice.
func soak(t *testing.T) {
	t.Helper()
	limit, err := time.ParseDuration(cmp.Or(os.Getenv("CRASH_TIME"), "10m"))
	if err != nil {
		t.Fatalf("CRASH_TIME: %v", err)
	}
	seed := rand.Uint64()
	if text := os.Getenv("CRASH_SEED"); text != "" {
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("CRASH_SEED: %v", err)
		}
	}
	t.Logf("CRASH_SEED=%d", seed)
	dice := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // repeatable on purpose
	met := &points{reached: map[string]int{}}
	end := time.Now().Add(limit)
	t.Log("\n" + matrix(wreckAll(t, func(yield func(wrecking) bool) {
		for time.Now().Before(end) {
			point := failpoint.Points()[dice.IntN(len(failpoint.Points()))]
			s := leads(point)[dice.IntN(len(leads(point)))]
			all := append(modes(), shocks(point)...)
			mode := all[dice.IntN(len(all))]
			if !yield(wrecking{s, ruin{point, nth(point, dice.IntN(3)), mode}}) {
				return
			}
		}
	}, met)))
}
