package checkout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"cardrop/store"
)

// attic is an archive that lives in memory and can be broken.
type attic struct {
	files map[string][]byte
	fail  error
	busy  bool
}

func (a *attic) Keep(name string, text []byte) (string, error) {
	if a.fail != nil {
		return "", a.fail
	}
	a.files[name] = bytes.Clone(text)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func (a *attic) Alone(ctx context.Context, do func(ctx context.Context) error) error {
	if a.busy {
		return nil
	}
	return do(ctx)
}

// archived runs a test on both Redises with an archive, and a record that stays in Redis for 30 days.
func archived(t *testing.T, test func(t *testing.T, k *kit, a *attic)) {
	t.Helper()
	both(t, func(t *testing.T, k *kit) {
		a, _ := k.options.Archive.(*attic)
		k.frozen = true
		test(t, k, a)
	}, func(o *Options) {
		o.Witness, o.Archive, o.RecordKept = &notebook{}, &attic{files: map[string][]byte{}}, 30*24*time.Hour
	})
}

// age lets days pass.
func (k *kit) age(days int) {
	k.target.Add((time.Duration(days) * 24 * time.Hour).Milliseconds())
	k.ok(k.tick())
}

// archives is Archive, whose lease is over by then.
func (k *kit) archives() error {
	k.target.Add((2 * archiveEvery).Milliseconds())
	k.ok(k.tick())
	return k.shop.Archive(k.ctx)
}

// years makes a record of three parts, each behind a checkpoint; the first two are old enough to go. It returns the checkpoints.
func (k *kit) years() (first, second, third Checkpoint) {
	k.t.Helper()
	k.bought(amine, grab, 1)
	k.ok(k.tick())
	first = k.point()
	k.age(1)
	k.entries(700)
	second = k.point()
	k.age(60)
	k.entries(40)
	third = k.point()
	return first, second, third
}

// TestArchive takes the old part of the record out of Redis, whole: what stays holds, what went can be proved with the public key alone, and
// the two join.
func TestArchive(t *testing.T) {
	archived(t, func(t *testing.T, k *kit, a *attic) {
		_, second, third := k.years()
		o := k.oldest(amine)
		whole, err := k.shop.VerifyRecord(k.ctx)
		k.ok(err)
		k.ok(k.archives())
		k.ok(k.tick())
		if names := slices.Collect(maps.Keys(a.files)); len(names) != 1 {
			t.Fatalf("archived: %v", names)
		}
		for name, text := range a.files {
			proof, err := VerifyExport(bytes.NewReader(text), []Checkpoint{second})
			k.ok(err)
			if !proof.Whole || proof.From != 0 || proof.To != second.Seq || proof.Head != second.Head || proof.Points != 1 {
				t.Errorf("%s proves %+v", name, proof)
			}
		}
		head, err := k.shop.VerifyRecord(k.ctx)
		k.ok(err)
		if head.Seq <= whole.Seq {
			t.Errorf("entry %d is the last after %d", head.Seq, whole.Seq)
		}
		if n := k.raw.XLen(k.ctx, k.key("events")).Val(); n != head.Seq-second.Seq {
			t.Errorf("%d entries stayed, of %d", n, head.Seq-second.Seq)
		}
		if n := k.raw.LLen(k.ctx, k.key("macs")).Val(); n != head.Seq-second.Seq {
			t.Errorf("%d macs stayed", n)
		}
		if n := k.raw.LLen(k.ctx, k.key("eo:"+o.ID)).Val(); n != 0 {
			t.Errorf("%d entries of an old order stayed in its index", n)
		}
		page, err := k.shop.Audit(k.ctx, admin, AuditQuery{Order: o.ID})
		k.ok(err)
		if len(page.Events) != 0 || page.Next != "" || page.Archived.Seq != second.Seq {
			t.Errorf("the order's entries: %+v", page)
		}
		page, err = k.shop.Audit(k.ctx, admin, AuditQuery{Kind: EventArchived})
		k.ok(err)
		if len(page.Events) != 1 || page.Events[0].Data["to"] != itoa(second.Seq) || page.Events[0].Data["from"] != "1" {
			t.Errorf("its own entry: %+v", page.Events)
		}
		for _, problem := range odd(page.Events[0]) {
			t.Error(problem)
		}
		// What is exported afterwards goes on where the archive ends.
		x, err := k.shop.Export(k.ctx, admin, AuditQuery{})
		k.ok(err)
		proof, err := VerifyExport(bytes.NewReader(x.Lines), []Checkpoint{second, third})
		k.ok(err)
		if proof.From != second.Seq || proof.Points != 1 {
			t.Errorf("the export proves %+v", proof)
		}
		// The old order can still be shown, and compared without a difference.
		c, err := k.shop.oddities(k.ctx, k.order(o.ID))
		if err != nil || len(c) != 0 {
			t.Errorf("differences of an archived order: %+v, %v", c, err)
		}
		// Nothing more is old enough; much later the next part goes, from there on.
		k.ok(k.archives())
		if len(a.files) != 1 {
			t.Errorf("archived again: %v", slices.Collect(maps.Keys(a.files)))
		}
		k.age(60)
		k.entries(3)
		k.point()
		k.ok(k.archives())
		k.ok(k.tick())
		if len(a.files) != 2 {
			t.Errorf("the next part: %v", slices.Collect(maps.Keys(a.files)))
		}
		if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
			t.Error(err)
		}
	})
}

// TestArchiveBreaksAnywhere stops between two steps: nothing is lost, and the next call goes on.
func TestArchiveBreaksAnywhere(t *testing.T) {
	archived(t, func(t *testing.T, k *kit, a *attic) {
		_, second, _ := k.years()
		length := func() int64 { return k.raw.XLen(k.ctx, k.key("events")).Val() }
		all := length()
		a.fail = errors.New("the disk is full")
		k.is(k.archives(), a.fail)
		if length() < all || len(a.files) != 0 {
			t.Error("entries went that nobody kept")
		}
		a.fail, a.busy = nil, true // a backup is being read: the record begins later, but its entries stay
		k.ok(k.archives())
		k.ok(k.tick())
		if length() < all {
			t.Error("entries went while a backup was read")
		}
		if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
			t.Error(err)
		}
		if page, err := k.shop.Audit(k.ctx, admin, AuditQuery{Until: second.At}); err != nil || len(page.Events) != 0 || page.Archived.Seq == 0 {
			t.Errorf("what was archived is read: %d entries, %v", len(page.Events), err)
		}
		a.busy = false
		k.ok(k.archives())
		if left := length(); left >= all-second.Seq+20 {
			t.Errorf("%d entries stayed of %d", left, all)
		}
		if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
			t.Error(err)
		}
	})
}

// TestArchiveTampered finds whoever lets the record begin elsewhere, and archives nothing that does not hold.
func TestArchiveTampered(t *testing.T) {
	base := func(c Checkpoint) string { b, _ := json.Marshal(c); return string(b) }
	for name, c := range map[string]struct {
		spoil func(k *kit, second, third Checkpoint)
		why   string
	}{
		"a later checkpoint": {func(k *kit, second, third Checkpoint) {
			k.ok(k.raw.HSet(k.ctx, k.key("head"), "base", base(third)).Err())
			k.ok(k.raw.HIncrBy(k.ctx, k.key("head"), "gone", third.Seq-second.Seq).Err())
			k.ok(k.raw.LTrim(k.ctx, k.key("macs"), third.Seq-second.Seq, -1).Err())
			ids, err := k.store.EventsAfter(k.ctx, "", int(third.Seq-second.Seq))
			k.ok(err)
			for _, e := range ids {
				k.ok(k.raw.XDel(k.ctx, k.key("events"), e.ID).Err())
			}
		}, "base"},
		"a forged checkpoint": {func(k *kit, second, _ Checkpoint) {
			second.Seq++
			k.ok(k.raw.HSet(k.ctx, k.key("head"), "base", base(second)).Err())
		}, "base"},
		"no beginning": {func(k *kit, _, _ Checkpoint) { k.ok(k.raw.HDel(k.ctx, k.key("head"), "base").Err()) }, "altered"},
		"not readable": {func(k *kit, _, _ Checkpoint) { k.ok(k.raw.HSet(k.ctx, k.key("head"), "base", "{").Err()) }, "base"},
		"one more gone": {func(k *kit, second, _ Checkpoint) {
			ids, err := k.store.EventsAfter(k.ctx, second.ID, 1)
			k.ok(err)
			k.ok(k.raw.XDel(k.ctx, k.key("events"), ids[0].ID).Err())
		}, "altered"},
	} {
		t.Run(name, func(t *testing.T) {
			archived(t, func(t *testing.T, k *kit, a *attic) {
				_, second, third := k.years()
				k.ok(k.archives())
				k.ok(k.tick())
				if _, err := k.shop.VerifyRecord(k.ctx); err != nil {
					t.Fatal(err)
				}
				c.spoil(k, second, third)
				_, err := k.shop.VerifyRecord(k.ctx)
				if bad, found := errors.AsType[*BadEntry](err); !found || bad.Why != c.why {
					t.Errorf("the record holds: %v", err)
				}
			})
		})
	}
	t.Run("before it is archived", func(t *testing.T) {
		archived(t, func(t *testing.T, k *kit, a *attic) {
			k.years()
			first, err := k.store.EventsAfter(k.ctx, "", 1)
			k.ok(err)
			k.ok(k.raw.XDel(k.ctx, k.key("events"), first[0].ID).Err())
			err = k.archives()
			if _, bad := errors.AsType[*BadEntry](err); !bad || len(a.files) != 0 || k.rung("record_altered") == 0 {
				t.Errorf("a record that does not hold was archived: %v, %d files", err, len(a.files))
			}
			k.unsound = true
		})
	})
}

// oldest is somebody's first order.
func (k *kit) oldest(user int64) store.Order {
	k.t.Helper()
	list, _, err := k.store.OrdersOf(k.ctx, user, 0, 100)
	k.ok(err)
	return list[len(list)-1]
}
