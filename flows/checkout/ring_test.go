package checkout

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cardrop/providers"
)

// here is the place of the ring's tests.
func here() place { return place{Order: "ABCD2345", Index: "001.001", Owner: amine, SKU: "G0001_GZ"} }

func TestSealedLayout(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		r := k.options.Ring
		nonces := map[string]bool{}
		for n := range 200 {
			plain := bytes.Repeat([]byte{'x'}, n)
			blob, err := r.Seal(k.ctx, plain, here())
			k.ok(err)
			padded := len(blob) - (1 + 4 + 12 + 16)
			if blob[0] != 0x01 || !bytes.Equal(blob[1:5], r.primary.id[:]) || padded%64 != 0 || padded < n+4 || padded >= n+4+64 {
				t.Fatalf("%d bytes sealed as %d: % x", n, len(blob), blob[:5])
			}
			nonces[string(blob[5:17])] = true
			got, err := r.Open(blob, here())
			if err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("%d bytes open as %q: %v", n, got, err)
			}
		}
		if len(nonces) != 200 {
			t.Errorf("%d nonces for 200 seals", len(nonces))
		}
	})
}

// TestPaddingHidesTheProduct: codes of a voucher, a gift card and an internet card have the same length once sealed.
func TestPaddingHidesTheProduct(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	sizes := map[int]bool{}
	for _, c := range []providers.Card{
		{Code: providers.NewSecret("1234567890123456")},
		{Code: providers.NewSecret("AB12-CD34-EF56-GH78"), Serial: providers.NewSecret("000123")},
		{Code: providers.NewSecret("X")},
	} {
		plain, err := packCard(c)
		k.ok(err)
		blob, err := k.options.Ring.Seal(k.ctx, plain, here())
		k.ok(err)
		sizes[len(blob)] = true
	}
	if len(sizes) != 1 {
		t.Errorf("sealed cards have the lengths %v", sizes)
	}
}

// TestThreat13BindIsInjective: whatever the parts, two different lists never bind to the same bytes. Plain joining, put in its place,
// is caught.
func TestThreat13BindIsInjective(t *testing.T) {
	t.Parallel()
	collide := func(bind func(...string) []byte) bool {
		random := rand.New(rand.NewPCG(3, 4))
		seen := map[string][]string{}
		for range 30_000 {
			parts := make([]string, random.IntN(5))
			for i := range parts {
				b := make([]byte, random.IntN(4))
				for j := range b {
					b[j] = "\x00\x01a|"[random.IntN(4)]
				}
				parts[i] = string(b)
			}
			text := string(bind(parts...))
			if old, ok := seen[text]; ok && !cmp.Equal(old, parts) {
				return true
			}
			seen[text] = parts
		}
		return false
	}
	if collide(bind) {
		t.Error("two lists of parts bind to the same bytes")
	}
	if !collide(func(parts ...string) []byte { return []byte(strings.Join(parts, "|")) }) {
		t.Error("joining with a separator is not caught")
	}
	// Each length is there, so the parts can be read back.
	text, want := bind("a", "", "bcd"), []string{"a", "", "bcd"}
	var got []string
	for len(text) > 0 {
		n := binary.BigEndian.Uint32(text)
		got, text = append(got, string(text[4:4+n])), text[4+n:]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// moved lists what opens although it was moved: a blob sealed for here, opened for another index, order, owner, SKU, shop or mode.
func moved(k *kit, seal func(*Ring) []byte, open func(*Ring, []byte, place) error) (opened []string) {
	r := k.options.Ring
	blob := seal(r)
	for name, change := range map[string]func(*place){
		"index": func(p *place) { p.Index = "001.002" }, "order": func(p *place) { p.Order = "ABCD2346" },
		"owner": func(p *place) { p.Owner = bilal }, "SKU": func(p *place) { p.SKU = "G0002_GZ" },
		"quarantine": func(p *place) { p.Index = "q" + p.Index },
		"boundary":   func(p *place) { p.Order, p.Index = p.Order+p.Index[:1], p.Index[1:] },
	} {
		p := here()
		change(&p)
		if open(r, blob, p) == nil {
			opened = append(opened, name)
		}
	}
	for name, other := range map[string]*Ring{"shop": {shop: "other", mode: r.mode, keys: r.keys}, "mode": {shop: r.shop, mode: "live", keys: r.keys}} {
		if open(other, blob, here()) == nil {
			opened = append(opened, name)
		}
	}
	if err := open(r, blob, here()); err != nil {
		opened = append(opened, fmt.Sprintf("and not in its own place: %v", err))
	}
	return opened
}

func TestThreat13MovedCardsStayShut(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	seal := func(r *Ring) []byte {
		blob, err := r.Seal(k.ctx, []byte("card"), here())
		k.ok(err)
		return blob
	}
	if opened := moved(k, seal, func(r *Ring, b []byte, p place) error { _, err := r.Open(b, p); return err }); opened != nil {
		t.Errorf("opened in another place: %v", opened)
	}
	// The same with empty associated data, which the check must see.
	empty := func(r *Ring) []byte {
		return r.primary.seal.Seal(append([]byte{sealVersion}, r.primary.id[:]...), nil, []byte("card"), nil)
	}
	opened := moved(k, empty, func(r *Ring, b []byte, _ place) error {
		_, err := r.keys[[keyIDSize]byte(b[1:5])].seal.Open(nil, nil, b[5:], nil)
		return err
	})
	if len(opened) != 8 {
		t.Errorf("with empty associated data only %v are caught", opened)
	}
	// Any altered bit is noticed, and a key that is not loaded is told apart from an attack.
	blob := seal(k.options.Ring)
	for i := range blob {
		bad := bytes.Clone(blob)
		bad[i] ^= 1
		want := ErrTampered
		if i >= 1 && i < 1+keyIDSize {
			want = ErrKeyMissing
		}
		if _, err := k.options.Ring.Open(bad, here()); err != want { //nolint:errorlint // exactly this and nothing wrapped
			t.Errorf("byte %d altered: %v, want %v", i, err, want)
		}
	}
	for n := range len(blob) {
		if _, err := k.options.Ring.Open(blob[:n], here()); err == nil {
			t.Errorf("opens when cut to %d bytes", n)
		}
	}
}

func TestThreat15SealCounter(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		r := k.options.Ring
		field := "seals:" + "9b8d85a1"
		for range sealBlock + 1 {
			_, err := r.Seal(k.ctx, []byte("card"), here())
			k.ok(err)
		}
		if n, err := k.raw.HGet(k.ctx, k.key("ring"), field).Int64(); err != nil || n != 2*sealBlock {
			t.Errorf("%d seals are counted ahead, %v", n, err)
		}
		// Two processes count together; each takes whole blocks.
		again := k.openRing(k.store, master)
		k.ok(k.raw.HSet(k.ctx, k.key("ring"), field, maxSeals-sealBlock).Err())
		for range sealBlock {
			_, err := again.Seal(k.ctx, []byte("card"), here())
			k.ok(err)
		}
		for range 3 {
			_, err := again.Seal(k.ctx, []byte("card"), here())
			k.is(err, ErrKeyWorn)
		}
		if _, err := again.Seal(k.ctx, []byte("card"), here()); err == nil {
			t.Error("sealed beyond the limit")
		}
	})
}
