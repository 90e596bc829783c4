package checkout

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"cardrop/store"
)

func (n *notebook) Checkpoint(c Checkpoint) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.points = append(n.points, c)
	return n.write
}

func (n *notebook) LastCheckpoint() (Checkpoint, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.points) == 0 {
		return Checkpoint{}, n.read
	}
	return n.points[len(n.points)-1], n.read
}

func (n *notebook) Checkpoints() iter.Seq2[Checkpoint, error] {
	n.mu.Lock()
	defer n.mu.Unlock()
	points := slices.Clone(n.points)
	return func(yield func(Checkpoint, error) bool) {
		for _, c := range points {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// entries adds n linked entries to the record.
func (k *kit) entries(n int) {
	k.t.Helper()
	for range n {
		k.ok(k.store.Record(k.ctx, store.Event{Kind: EventAuditRead, Actor: system, Data: map[string]string{"how": "page"}}))
	}
	k.ok(k.tick())
}

// point makes a checkpoint, which there has to be.
func (k *kit) point() Checkpoint {
	k.t.Helper()
	c, fresh, err := k.shop.Checkpoint(k.ctx)
	k.ok(err)
	if !fresh {
		k.t.Fatal("no checkpoint")
	}
	k.ok(c.Check())
	return c
}

func TestCheckpoints(t *testing.T) {
	witnessed(t, func(t *testing.T, k *kit, n *notebook) {
		k.entries(5)
		first := k.point()
		head, err := k.store.Head(k.ctx)
		k.ok(err)
		if first.Seq != head.Seq || first.Head != head.Hash || first.ID != head.ID || first.Accepted || first.At != k.options.Now().UTC().Truncate(time.Millisecond) {
			t.Errorf("%+v of %+v", first, head)
		}
		if _, fresh, err := k.shop.Checkpoint(k.ctx); err != nil || fresh {
			t.Errorf("a second one without a new entry: %v", err)
		}
		for _, change := range []func(*Checkpoint){
			func(c *Checkpoint) { c.Seq++ }, func(c *Checkpoint) { c.Head = strings.Repeat("0", 64) }, func(c *Checkpoint) { c.Accepted = true },
			func(c *Checkpoint) { c.Shop = "other" }, func(c *Checkpoint) { c.Mode = "live" }, func(c *Checkpoint) { c.At = c.At.Add(time.Second) },
			func(c *Checkpoint) { c.ID = "1-1" }, func(c *Checkpoint) { c.Key = strings.Repeat("0", 64) }, func(c *Checkpoint) { c.Signature = "" },
		} {
			c := first
			change(&c)
			k.is(c.Check(), ErrForged)
		}
		k.entries(3)
		k.point()
		_, err = k.shop.VerifyRecord(k.ctx)
		k.ok(err)
		// A checkpoint that somebody else wrote into the file.
		good := n.points[1]
		n.points[1].Seq--
		_, err = k.shop.VerifyRecord(k.ctx)
		k.is(err, ErrForged)
		n.points[1] = good
		// The tail cut off together with the head, as an older copy of Redis has it: only the checkpoint knows.
		ids := k.stream()
		k.ok(k.raw.XDel(k.ctx, k.key("events"), ids[len(ids)-1].ID, ids[len(ids)-2].ID).Err())
		k.ok(k.raw.LTrim(k.ctx, k.key("macs"), 0, -3).Err())
		at, _, err := k.shop.chain(store.Head{}, eventsOf(t, k))
		k.ok(err)
		k.ok(k.raw.HSet(k.ctx, k.key("head"), "head", at.Hash, "id", at.ID, "seq", at.Seq).Err())
		var bad *BadEntry
		if _, err := k.shop.VerifyRecord(k.ctx); !errors.As(err, &bad) || bad.Seq != at.Seq+1 || bad.Why != "missing" {
			t.Errorf("a cut tail: %v", err)
		}
		// A person accepts what is left; then the record holds again, and goes on.
		k.ok(k.shop.AcceptHistory(k.ctx, admin))
		k.entries(1)
		if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
			t.Errorf("after it was accepted: %v", err)
		}
		k.point()
		if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
			t.Error(err)
		}
	})
}

func eventsOf(t *testing.T, k *kit) []store.Event {
	t.Helper()
	events, err := k.store.EventsAfter(k.ctx, "", 100_000)
	k.ok(err)
	return events
}

// TestNoCheckpointOfAnAlteredRecord: what was altered since the last checkpoint is not signed, and the operators hear of it.
func TestNoCheckpointOfAnAlteredRecord(t *testing.T) {
	witnessed(t, func(t *testing.T, k *kit, _ *notebook) {
		k.entries(4)
		k.point()
		k.entries(4)
		list := k.stream()
		list[6].Values["k"] = EventSaved
		k.rewrite(list)
		k.options.Witness.(*notebook).set(func(n *notebook) { n.seen = Sighting{} }) //nolint:forcetypeassert // the head in the file is not at issue
		if _, fresh, err := k.shop.Checkpoint(k.ctx); !errors.Is(err, errAltered) || fresh {
			t.Errorf("%v, %v", fresh, err)
		}
		if !slices.ContainsFunc(k.alarms, func(a string) bool { return strings.HasPrefix(a, "record_altered ") }) {
			t.Errorf("alarms: %q", k.alarms)
		}
	})
}

// TestThreat38TamperedExport: an export of 1,000 entries, with each of them altered, taken out, swapped or doubled, or cut off behind it, does
// not verify, and the first entry that does not hold is named.
func TestThreat38TamperedExport(t *testing.T) {
	witnessed(t, func(t *testing.T, k *kit, n *notebook) {
		for range 25 {
			k.entries(40)
			k.target.Add(300_000)
			k.ok(k.tick())
			k.point()
		}
		x, err := k.shop.Export(k.ctx, admin, AuditQuery{})
		k.ok(err)
		p, err := VerifyExport(bytes.NewReader(x.Lines), n.points)
		k.ok(err)
		if p.From != 0 || p.To < 1000 || p.Entries != int(p.To) || !p.Whole || p.Points != 25 || p.Head != x.Head || x.Seq != p.To || p.Key == "" {
			t.Errorf("%+v", p)
		}
		if !k.real { // the lines do not know which Redis they come from
			k.tampered(admin, n.points)
		}
		lines := strings.SplitAfter(strings.TrimRight(string(x.Lines), "\n"), "\n")
		refused := func(what string, want error, change func(list []string) []string) {
			t.Helper()
			if _, err := VerifyExport(strings.NewReader(strings.Join(change(slices.Clone(lines)), "")), nil); !errors.Is(err, want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		refused("without its end", errTorn, func(l []string) []string { return l[:len(l)-1] })
		refused("without its head", errTorn, func(l []string) []string { return l[1:] })
		refused("nothing", errTorn, func([]string) []string { return nil })
		refused("another shop's name", errTorn, func(l []string) []string { l[0] = strings.Replace(l[0], `"shop":"`, `"shop":"x`, 1); return l })
		refused("the signature of another time", ErrForged, func(l []string) []string {
			var end exportEnd
			k.ok(json.Unmarshal([]byte(l[len(l)-1]), &end))
			end.At = end.At.Add(time.Second)
			text, err := json.Marshal(end)
			k.ok(err)
			l[len(l)-1] = string(text)
			return l
		})
		forged := slices.Clone(n.points)
		forged[3].Head = strings.Repeat("0", 64)
		if _, err := VerifyExport(bytes.NewReader(x.Lines), forged); !errors.Is(err, ErrForged) {
			t.Errorf("a forged checkpoint: %v", err)
		}
	})
}

// tampered tries every entry, a hundred at a time: an export that begins at the checkpoint before them is read no further than needed.
func (k *kit) tampered(admin int64, points []Checkpoint) {
	k.t.Helper()
	from := int64(0)
	for _, next := range points {
		q := AuditQuery{}
		for _, p := range points {
			if p.Seq == from {
				q.Since = p.At.Add(time.Millisecond)
			}
		}
		x, err := k.shop.Export(k.ctx, admin, q)
		k.ok(err)
		lines := strings.SplitAfter(strings.TrimRight(string(x.Lines), "\n"), "\n")
		end := len(lines) - 1
		found := func(i int, change func(list []string) []string) {
			k.t.Helper()
			var bad *BadEntry
			_, err := VerifyExport(strings.NewReader(strings.Join(change(slices.Clone(lines)), "")), points)
			if !errors.As(err, &bad) || bad.Seq != from+int64(i) {
				k.t.Fatalf("entry %d: %v", from+int64(i), err)
			}
		}
		for i := 1; i <= int(next.Seq-from); i++ {
			found(i, func(l []string) []string { l[i] = strings.Replace(l[i], `"k":"`, `"k":"X`, 1); return l })
			found(i, func(l []string) []string { return slices.Delete(l, i, i+1) })
			found(i+1, func(l []string) []string { return slices.Insert(l, i+1, l[i]) })
			if i+1 < end {
				found(i+1, func(l []string) []string { return slices.Delete(l, i+1, end) })
				found(i, func(l []string) []string { l[i], l[i+1] = l[i+1], l[i]; return l })
			}
		}
		from = next.Seq
	}
}

func TestExport(t *testing.T) {
	witnessed(t, func(t *testing.T, k *kit, n *notebook) {
		o := k.bought(amine, grab, 2)
		k.ok(k.tick())
		k.point()
		k.pass(time.Hour)
		since := k.now()
		k.pass(time.Minute)
		k.ok(k.tick())
		k.bought(bilal, psn, 1)
		k.ok(k.tick())
		// A time: begins at the checkpoint before it, and the chain holds from there.
		x, err := k.shop.Export(k.ctx, admin, AuditQuery{Since: since})
		k.ok(err)
		p, err := VerifyExport(bytes.NewReader(x.Lines), n.points)
		k.ok(err)
		if p.From != n.points[0].Seq || !p.Whole || p.Entries < 5 || p.Shop != k.options.Ring.shop {
			t.Errorf("%+v", p)
		}
		// Chosen entries: signed as a whole.
		x, err = k.shop.Export(k.ctx, admin, AuditQuery{Order: o.ID})
		k.ok(err)
		if p, err = VerifyExport(bytes.NewReader(x.Lines), nil); err != nil || p.Whole || p.Entries != 4 {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := VerifyExport(bytes.NewReader(bytes.Replace(x.Lines, []byte(o.ID), []byte("ZZZZZZZZ"), 1)), nil); !errors.Is(err, errTorn) {
			t.Errorf("altered: %v", err)
		}
		table, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(x.Table, []byte("\ufeff")))).ReadAll()
		k.ok(err)
		if len(table) != 5 || table[1][2] != EventOpened || table[4][2] != EventEnded || table[1][3] != o.ID || !strings.HasSuffix(table[1][1], "Z") {
			t.Errorf("%q", table)
		}
		last := eventsOf(t, k)
		if e := last[len(last)-1]; e.Kind != EventAuditRead || e.Data["how"] != "export" || e.Data["order"] != o.ID {
			t.Errorf("%+v", e)
		}
		x, err = k.shop.Export(k.ctx, admin, AuditQuery{Order: "ZZZZZZZZ"})
		k.ok(err)
		if p, err = VerifyExport(bytes.NewReader(x.Lines), nil); err != nil || p.Entries != 0 {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
