package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// edit puts a defect back into a file of the tree, for one build only. old must stand there exactly once, so that a control cannot rot.
type edit struct {
	file, old, new string
}

// defect is a mistake the suite has to catch: by a run of the crash suite, or by a test of the room it is in.
type defect struct {
	name  string
	edits []edit
	run   wrecking
	room  string // the package whose test fails; empty for a run
	test  string
}

// defects are the positive controls of promises 1 to 6.
func defects() []defect {
	const (
		work    = "flows/checkout/work.go"
		reveal  = "flows/checkout/deliver.go"
		buy     = "flows/checkout/buy.go"
		step    = "store/lua/reveal_step.lua"
		deliver = "	before := s.o.Now()\n	span := "
	)
	return []defect{
		{name: "reference made after the call", run: wrecking{"purchase", ruin{"supplier.giftz.after", 1, "kill"}}, edits: []edit{
			{work, `Ref: fmt.Sprintf("%s-%d", c.Order.ID, c.Place.K)`, `Ref: fmt.Sprintf("%s-%d-%d", c.Order.ID, c.Place.K, c.Fence)`}}},
		{name: "placed again instead of resolved", run: wrecking{"gift", ruin{"supplier.oneclickdz.after", 1, "kill"}}, edits: []edit{
			{work, "	if claim.Buy {\n", "	if claim.Buy || true {\n"}}},
		{name: "id stored after the code is shown", run: wrecking{"reveal", ruin{"store.reveal_step.before", 1, "kill"}}, edits: []edit{
			{reveal, deliver, "	_ = channel.Show(ctx, receipt, p)\n" + deliver}}},
		{name: "delete-at only in memory", run: wrecking{"reveal", ruin{"telegram.editMessageText.after", 3, "kill"}}, edits: []edit{
			{step, "redis.call('ZADD', KEYS[2], str(sweep or till), id)\n", "if step ~= 'place' and step ~= 'shown' then redis.call('ZADD', KEYS[2], str(till), id) end\n"},
			{reveal, "	limited, cancel := context.WithTimeout(ctx, span)", "	go func() {\n		for s.o.Now().Before(p.Until) {\n" +
				"			time.Sleep(100 * time.Millisecond)\n		}\n		s.endFailed(ctx, t)\n	}()\n	limited, cancel := context.WithTimeout(ctx, span)"}}},
		{name: "event after the effect", run: wrecking{"purchase", ruin{"store.open_order.after", 1, "kill"}}, edits: []edit{
			{"store/lua/open_order.lua", "emit(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[12])\n", ""},
			{buy, "	if fresh {\n", "	if fresh {\n		if err := s.o.Store.Record(ctx, n.Event); err != nil {\n			return store.Order{}, err\n		}\n"}}},
		{name: "update confirmed before its effect", run: wrecking{"purchase", ruin{"store.save_talk.before", 1, "kill"}}, edits: []edit{
			{"bot/telegram/poller.go", "		w.begin(a.id, a.chat)\n", "		w.begin(a.id, a.chat)\n		w.settle(a.id, true)\n"},
			{"bot/telegram/poller.go", "	p.settle(ctx, p.spread(ctx, batch))\n	return nil\n",
				"	p.settle(ctx, p.spread(ctx, batch))\n	_, err = p.bot.wire.updates(ctx, updatesAsked{Offset: p.window.offset(), Limit: 1, Allowed: allowedUpdates()})\n	return err\n"}}},
		{name: "read-then-delete claim", room: "store", test: "TestThreat19OneWinnerATokenInParallel", edits: []edit{
			{"store/lua/take_reveal.lua", "redis.call('HSET', KEYS[1], 'rv', 'claimed', 'rv.claim'", "redis.call('HSET', KEYS[1], 'rv.claim'"}}},
		{name: "unlocked tick", room: "store", test: "TestAPlacementIsPlacedOnce", edits: []edit{
			{"store/lua/claim_placement.lua", "if leased > NOW then return { 'leased' } end\n", ""},
			{"store/lua/claim_placement.lua", "if due and tonumber(due) > NOW and ARGV[7] ~= '1' then return { 'later' } end\n", ""}}},
		{name: "empty associated data", room: "flows/checkout", test: "TestThreat13MovedCardsStayShut", edits: []edit{
			{"flows/checkout/ring.go", `	return bind("cardrop/card/v1"`, "	if p.Order != \"\" {\n		return nil\n	}\n	return bind(\"cardrop/card/v1\""}}},
	}
}

// TestDefectsFit makes sure that every control can still be put back.
func TestDefectsFit(t *testing.T) {
	for _, d := range defects() {
		if _, err := d.sources(); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
}

// TestPositiveControls builds the program once for each defect, and each time the suite has to find it. It runs with CRASH=controls.
func TestPositiveControls(t *testing.T) {
	if os.Getenv("CRASH") != "controls" {
		t.Skip("runs with CRASH=controls")
	}
	for i, d := range defects() {
		t.Run(d.name, func(t *testing.T) {
			overlay := d.overlay(t)
			if d.room != "" {
				d.fails(t, overlay)
				return
			}
			path, err := buildBreakable(fmt.Sprintf("defect%d", i), "-overlay", overlay)
			if err != nil {
				t.Fatal(err)
			}
			w := newWreck(t, path, d.run.ruin, scene(t, d.run.scenario).settings)
			broken := w.plays(scene(t, d.run.scenario))
			if w.struck() == 0 {
				t.Error("the point was never reached")
			}
			if len(broken) == 0 {
				t.Fatal("the suite did not notice")
			}
			t.Logf("noticed: %s", strings.Join(broken, "; "))
		})
	}
}

// fails runs a room's test with the defect: it has to fail by itself, not to break the build.
func (d defect) fails(t *testing.T, overlay string) {
	t.Helper()
	cmd := exec.Command("go", "test", "-count=1", "-overlay", overlay, "-run", "^"+d.test+"$", "./"+d.room) //nolint:noctx,gosec // ends by itself
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: "+d.test) {
		t.Fatalf("%s did not notice (%v):\n%s", d.test, err, out)
	}
	t.Logf("noticed by %s in %s", d.test, d.room)
}

// overlay writes what go build's -overlay reads: files of the tree and what stands in for them.
func (d defect) overlay(t *testing.T) string {
	t.Helper()
	texts, err := d.sources()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for file, text := range texts {
		stand := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(stand, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		path, err := filepath.Abs(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		replace[path] = stand
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// sources are the files with the defect in them.
func (d defect) sources() (map[string]string, error) {
	texts := map[string]string{}
	for _, e := range d.edits {
		text, ok := texts[e.file]
		if !ok {
			whole, err := os.ReadFile(filepath.Join("..", e.file))
			if err != nil {
				return nil, err
			}
			text = string(whole)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return nil, fmt.Errorf("%s holds the place of the defect %d times:\n%s", e.file, n, e.old)
		}
		texts[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	return texts, nil
}
