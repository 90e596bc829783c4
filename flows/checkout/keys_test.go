package checkout

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
)

func TestThreat17WrongKey(t *testing.T) {
	other, third := strings.Repeat("ab", 31)+"cd", strings.Repeat("12", 31)+"34"
	both(t, func(t *testing.T, k *kit) {
		blob, err := k.options.Ring.Seal(k.ctx, []byte("card"), here())
		k.ok(err)
		before := k.dump()
		same := func(what string) {
			t.Helper()
			if diff := cmp.Diff(before, k.dump()); diff != "" {
				t.Errorf("%s changed the shop: %s", what, diff)
			}
		}
		_, err = k.ring(k.store, "sandbox", k.name, other)
		k.is(err, ErrWrongKey)
		same("another key")
		_, err = k.ring(k.store, "live", k.name, master)
		k.is(err, ErrWrongKey)
		same("another mode")
		_, err = k.ring(k.store, "sandbox", "elsewhere", master)
		k.is(err, ErrWrongKey)
		same("another shop name")
		for what, bad := range map[string]string{"short": master[2:], "long": master + "00", "no hex": "zz" + master[2:], "empty": "",
			"equal bytes": strings.Repeat("77", 32)} {
			if _, err := k.ring(k.store, "sandbox", k.name, bad); err == nil || (bad != "" && strings.Contains(err.Error(), bad)) {
				t.Errorf("a key that is %s: %v", what, err)
			}
			same(what)
		}
		if _, err = newMasterKey(providers.NewSecret(strings.Repeat("77", 32))); err == nil {
			t.Error("a key of equal bytes is accepted")
		}
		if _, err = k.ring(k.store, "sandbox", k.name, master, master); err == nil {
			t.Error("a retired twin of the key is accepted")
		}
		same("a retired twin")

		// Rotation begins: the former key only opens.
		next := k.openRing(k.store, other, master)
		got, err := next.Open(blob, here())
		if err != nil || string(got) != "card" {
			t.Errorf("under the retired key: %q, %v", got, err)
		}
		fresh, err := next.Seal(k.ctx, []byte("card"), here())
		k.ok(err)
		if bytes.Equal(fresh[1:5], blob[1:5]) {
			t.Error("sealed under the retired key")
		}
		if next.Token("t") != k.options.Ring.Token("t") || next.Pseudonym(1) != k.options.Ring.Pseudonym(1) {
			t.Error("the shop's own keys changed with the primary key")
		}
		if _, err := k.options.Ring.Open(fresh, here()); err != ErrKeyMissing { //nolint:errorlint // exactly this and nothing wrapped
			t.Errorf("without the new key: %v", err)
		}
		// The retired key was dropped too early: nothing that is wrapped under it can be read, and nothing may be written.
		before = k.dump()
		_, err = k.ring(k.store, "sandbox", k.name, other)
		k.is(err, ErrWrongKey)
		same("a key dropped too early")
		_, err = k.ring(k.store, "sandbox", k.name, third, other)
		k.is(err, ErrWrongKey)
		same("a new key beside the one that wraps nothing")
	})
}

// TestThreat16KeptKeysFirst: a keyring of which a part is lost is not completed under a key that cannot read the rest.
func TestThreat16KeptKeysFirst(t *testing.T) {
	t.Parallel()
	other := strings.Repeat("ab", 31) + "cd"
	k := newKit(t, false)
	const all = "wrap:pseudonym wrap:token-mac wrap:audit-mac wrap:code-fingerprint wrap:signing-seed"
	for _, lost := range []string{"check:9b8d85a1 wrap:pseudonym wrap:token-mac", all} { // of the second, only the key check value is left
		ring, err := k.raw.HGetAll(k.ctx, k.key("ring")).Result()
		k.ok(err)
		k.ok(k.raw.HDel(k.ctx, k.key("ring"), strings.Fields(lost)...).Err())
		before := k.dump()
		for range 10 { // whatever the order in which the keys are looked at
			_, err := k.ring(k.store, "sandbox", k.name, other)
			k.is(err, ErrWrongKey)
		}
		if diff := cmp.Diff(before, k.dump()); diff != "" {
			t.Error(diff)
		}
		k.ok(k.raw.HSet(k.ctx, k.key("ring"), ring).Err())
	}
}

// TestOwnKeys: what is random at the first start differs between shops and is the same at every later start.
func TestOwnKeys(t *testing.T) {
	t.Parallel()
	one, two := newKit(t, false), newKit(t, false)
	again := one.openRing(one.store, master)
	print := func(r *Ring) []string {
		return []string{r.Token("t"), fmt.Sprintf("%x", r.Fingerprint("c")), r.Pseudonym(amine), fmt.Sprintf("%x", []byte(r.Public()))}
	}
	if diff := cmp.Diff(print(one.options.Ring), print(again)); diff != "" {
		t.Error(diff)
	}
	a, b := print(one.options.Ring), print(two.options.Ring)
	for i := range a {
		if a[i] == b[i] {
			t.Errorf("two shops share %s", a[i])
		}
	}
	keys, err := one.raw.HGetAll(one.ctx, one.key("ring")).Result()
	one.ok(err)
	for name := range maps.Keys(keys) {
		for _, plain := range [][]byte{one.options.Ring.tokenMAC, one.options.Ring.auditMAC, one.options.Ring.fingerprint, one.options.Ring.pseudonym, one.options.Ring.signing.Seed()} {
			if strings.Contains(keys[name], string(plain)) {
				t.Errorf("%s lies there unwrapped", name)
			}
		}
	}
}
