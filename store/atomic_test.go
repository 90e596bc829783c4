package store

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// writers are the steps that write most of what their script can write, one of each script.
func writers() []outcome {
	all := map[string]outcome{
		"claim_due": {script: "claim_due", seed: func(s *kit) {
			s.ok(s.rdb.ZAdd(s.ctx, s.keys.due(DueNotice), member("o1", 1)).Err())
		}, act: func(s *kit) error { _, err := s.DueNotices(s.ctx, 5, 30e9); return err }},
		"throttle": {script: "throttle", seed: func(s *kit) {
			s.ok(s.Throttle(s.ctx, 4, time.Second))
			s.pass(10 * time.Second)
		}, act: func(s *kit) error { return s.Throttle(s.ctx, 5, 30e9) }},
	}
	for _, o := range outcomes() {
		if _, there := all[o.script]; o.writes && !there {
			all[o.script] = o
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b outcome) int { return strings.Compare(a.script, b.script) })
}

// TestAWrongKindOfKeyStopsEverything puts a value of a wrong type at each key of each script in turn: the script fails and
// nothing else was written.
func TestAWrongKindOfKeyStopsEverything(t *testing.T) {
	scripts, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(writers()) != len(scripts) {
		t.Errorf("%d scripts of %d have a step that writes", len(writers()), len(scripts))
	}
	for _, w := range writers() {
		t.Run(w.script, func(t *testing.T) {
			both(t, func(t *testing.T, s *kit) {
				for i, c := range s.spoilEach(w) {
					if c.err == nil || !strings.Contains(c.err.Error(), "WRONGKIND") {
						t.Errorf("key %d is of a wrong type: %v", i+1, c.err)
					}
					if c.diff != "" {
						t.Errorf("key %d is of a wrong type, and something was written:\n%s", i+1, c.diff)
					}
				}
			})
		})
	}
}

// spoiled is what became of a step with one key of a wrong type.
type spoiled struct {
	err  error
	diff string
}

// spoilEach runs a step once for every key of its script, each time on a fresh shop with that key spoiled. A key that the
// script has under two names is spoiled once for each.
func (s *kit) spoilEach(w outcome) []spoiled {
	s.t.Helper()
	w.seed(s)
	s.ok(w.act(s))
	last, n := s.calls.last(w.script)
	if n == 0 {
		s.t.Fatalf("%s did not run", w.script)
	}
	found := make([]spoiled, len(last.keys))
	for i, key := range last.keys {
		s.clear()
		s.seeds = 0
		w.seed(s)
		s.ok(s.rdb.Del(s.ctx, key).Err())
		s.ok(s.rdb.SAdd(s.ctx, key, "of a wrong type").Err())
		before := s.dump()
		found[i].err = w.act(s)
		found[i].diff = cmp.Diff(before, s.dump())
	}
	return found
}

// TestTheSpoiledKeyIsFound is the control of the test above: settle without its check of types leaves half a settlement.
func TestTheSpoiledKeyIsFound(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		prelude, err := sources.ReadFile("lua/prelude.lua")
		s.ok(err)
		text, err := sources.ReadFile("lua/settle.lua")
		s.ok(err)
		const check = "if bad then return bad end"
		if strings.Count(string(text), check) != 1 {
			t.Fatalf("settle no longer holds %q", check)
		}
		careless := redis.NewScript(string(prelude) + edgesInLua() + strings.Replace(string(text), check, "", 1))
		s.ok(careless.Load(s.ctx, s.rdb).Err())
		s.scripts["settle"] = careless
		s.calls.names[careless.Hash()] = "settle"
		w := writers()[slices.IndexFunc(writers(), func(o outcome) bool { return o.script == "settle" })]
		halves := 0
		for _, c := range s.spoilEach(w) {
			if c.diff != "" {
				halves++
			}
		}
		if halves == 0 {
			t.Error("a script without the check leaves nothing half written: the comparison proves nothing")
		}
	})
}

// TestARedisThatIsFullWritesNothing: the first write of every script is refused when Redis has no memory left, and no other follows.
func TestARedisThatIsFullWritesNothing(t *testing.T) {
	s := ownRedis(t)
	limit := func(bytes string) { s.ok(s.rdb.ConfigSet(s.ctx, "maxmemory", bytes).Err()) }
	for _, w := range writers() {
		if w.script == "trim" {
			continue // it adds nothing, and a full Redis is better off for it
		}
		s.clear()
		s.seeds = 0
		w.seed(s)
		before := s.dump()
		limit("1")
		err := w.act(s) // every one of these adds something: a step that only frees memory may go on
		limit("0")
		if err == nil || !strings.Contains(err.Error(), "OOM") {
			t.Errorf("%s in a full Redis: %v", w.script, err)
		}
		if diff := cmp.Diff(before, s.dump()); diff != "" {
			t.Errorf("%s wrote into a full Redis:\n%s", w.script, diff)
		}
	}
}

// TestAFailpointStopsAScript holds that a failure before a script writes nothing, and one after it leaves all of it.
func TestAFailpointStopsAScript(t *testing.T) {
	both(t, func(t *testing.T, s *kit) {
		s.fund(unit)
		s.link()
		before := s.dump()
		crash := &TakeOutcome{Word: "crash"}
		at := ""
		s.o.Failpoint = failAt(&at, crash)
		at = "store.open_order.before"
		_, err := s.OpenOrder(s.ctx, basket("o1", 1))
		_ = s.outcome(err, "crash")
		s.unchanged(before)
		at = "store.open_order.after"
		_, err = s.OpenOrder(s.ctx, basket("o1", 1))
		_ = s.outcome(err, "crash")
		at = ""
		opened, err := s.OpenOrder(s.ctx, basket("o1", 1))
		s.ok(err)
		if opened {
			t.Error("the script had not run before the crash")
		}
		s.invariants()
	})
}
