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
}

// leads says which scenarios reach a point, the most telling first.
func leads(point string) []string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(point, "store."), "telegram."), ".")
	switch name {
	case "supplier":
		if strings.Contains(point, "giftz") {
			return []string{"purchase", "bulk"}
		}
		return []string{"gift", "internet", "partial"}
	case "open_order", "claim_placement", "settle":
		return []string{"bulk", "purchase", "gift", "internet", "partial"}
	case "take_reveal", "reveal_step", "mint", "removed", "deleteMessage":
		return []string{"reveal", "bulk", "gift"}
	case "editMessageMedia":
		return []string{"bulk"}
	case "transfer", "record":
		return []string{"credit"}
	case "wake":
		return []string{"doubt"}
	case "shred":
		return []string{"retention"}
	case "setWebhook":
		return []string{"webhook"}
	case "refund":
		return []string{"refund"}
	case "decide":
		return []string{"decide"}
	case "look_back":
		return []string{"lost"}
	case "stock":
		return []string{"stock"}
	case "link_group", "move_group":
		return []string{"group"}
	case "customer":
		return []string{"purchase"}
	case "code", "getMe", "deleteWebhook", "setMyCommands", "lease", "link", "throttle":
		return []string{"boot"}
	case "getUpdates", "claim_due", "save_talk", "drawn":
		return []string{"purchase", "boot", "reveal"}
	default:
		return []string{"purchase", "partial"}
	}
}

// nth is at which passing a point breaks: never the first one where a running program passes all the time.
func nth(point string, round int) int {
	for _, busy := range []string{"store.lease.", "store.link.", "store.throttle", "store.claim_due", "telegram.getUpdates"} {
		if strings.HasPrefix(point, busy) {
			return 2 + round
		}
	}
	for _, often := range []string{"store.save_talk", "store.drawn", "telegram.sendMessage", "telegram.editMessageText", "store.code"} {
		if strings.HasPrefix(point, often) {
			return 1 + round
		}
	}
	return 1
}

// TestCrash kills the program at every failpoint, lets a supervisor start it again, and checks all promises against what Telegram
// and the suppliers saw. A point that no run reaches fails.
func TestCrash(t *testing.T) {
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
	if size == crashFull || size == crashShort {
		met.check(t)
	}
}

func smokePlan() []wrecking {
	return []wrecking{
		{"purchase", ruin{"supplier.giftz.after", 1, "redis"}},
		{"reveal", ruin{"store.reveal_step.after", 1, "kill"}},
		{"bulk", ruin{"store.settle.before", 2, "kill"}},
		{"purchase", ruin{"store.save_talk.after", 2, "twice"}},
		{"reveal", ruin{"telegram.editMessageText.after", 1, "kill"}},
		{"internet", ruin{"supplier.oneclickdz.after", 1, "kill"}},
	}
}

// shortPlan is every point once, in one mode.
func shortPlan() []wrecking {
	var plan []wrecking
	for i, point := range failpoint.Points() {
		mode := modes()[i%len(modes())]
		plan = append(plan, wrecking{leads(point)[0], ruin{point, nth(point, 0), mode}})
	}
	return slowFirst(plan)
}

// fullPlan is every point in every mode, in every scenario that leads there; and once as a panic and as an error, which the program has to
// survive.
func fullPlan() []wrecking {
	var plan []wrecking
	for _, point := range failpoint.Points() {
		for round, mode := range modes() {
			for _, s := range leads(point) {
				plan = append(plan, wrecking{s, ruin{point, nth(point, round), mode}})
			}
		}
		for _, mode := range shocks(point) {
			plan = append(plan, wrecking{leads(point)[0], ruin{point, nth(point, 0), mode}})
		}
	}
	return slowFirst(plan)
}

// shocks are the modes that the program has to survive. The write of a request happens in a goroutine of net/http, where nobody can
// catch a panic.
func shocks(point string) []string {
	if strings.HasSuffix(point, ".write") {
		return []string{"err"}
	}
	return []string{"err", "panic"}
}

// slowFirst begins with the runs that wait for a job of every minute.
func slowFirst(plan []wrecking) []wrecking {
	slices.SortStableFunc(plan, func(a, b wrecking) int { return cmp.Compare(slow(b), slow(a)) })
	return plan
}

func slow(w wrecking) int {
	if w.scenario == "retention" || w.scenario == "stock" {
		return 1
	}
	return 0
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
	got.hits = w.struck()
	met.add(w.log.String())
	if strings.Contains(w.log.String(), "panic: ") {
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
	if s.boot {
		w.arm()
		w.leap = long
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

// points are the failpoints that any run reached.
type points struct {
	mu      sync.Mutex
	reached map[string]int // by how many runs
}

func (p *points) add(log string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := map[string]bool{}
	for line := range strings.Lines(log) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "failpoint reached "); ok && !seen[name] {
			seen[name] = true
			p.reached[name]++
		}
	}
}

// check compares the list with reality: no point that is never reached, none that is missing.
func (p *points) check(t *testing.T) {
	t.Helper()
	for _, name := range failpoint.Points() {
		if p.reached[name] == 0 {
			t.Errorf("failpoint %s was never reached", name)
		}
		delete(p.reached, name)
	}
	for name := range p.reached {
		t.Errorf("failpoint %s is reached and not listed", name)
	}
}

// matrix is points × modes: runs/hits/violations in each cell.
func matrix(results []outcome) string {
	type cell struct{ runs, hits, broken int }
	cells, columns := map[string]map[string]cell{}, map[string]bool{}
	var total cell
	for _, r := range results {
		row := cells[r.ruin.point]
		if row == nil {
			row = map[string]cell{}
			cells[r.ruin.point] = row
		}
		c := row[r.ruin.mode]
		c.runs, c.hits, c.broken = c.runs+1, c.hits+r.hits, c.broken+len(r.broken)
		row[r.ruin.mode], columns[r.ruin.mode] = c, true
		total.runs, total.hits, total.broken = total.runs+1, total.hits+r.hits, total.broken+len(r.broken)
	}
	names := slices.Sorted(func(yield func(string) bool) {
		for m := range columns {
			if !yield(m) {
				return
			}
		}
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%-38s", "point: runs hits violations")
	for _, m := range names {
		fmt.Fprintf(&b, " %12s", m)
	}
	b.WriteString("\n")
	for _, point := range failpoint.Points() {
		if cells[point] == nil {
			continue
		}
		fmt.Fprintf(&b, "%-38s", point)
		for _, m := range names {
			text := "–"
			if c := cells[point][m]; c.runs > 0 {
				text = fmt.Sprintf("%d %d %d", c.runs, c.hits, c.broken)
			}
			fmt.Fprintf(&b, " %12s", text)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d runs, %d deaths, %d violations\n", total.runs, total.hits, total.broken)
	return b.String()
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
