package checkout

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cardrop/store"
)

// vectors are the inputs and outputs of testdata/ring.json.
type vectors struct {
	Master  string
	Derived map[string]string
	KeyID   string `json:"key_id"`
	Mode    string
	Shop    string
	Ring    map[string]string
	Own     map[string]string
	Card    struct {
		Place                          place
		Associated, Nonce, Plain, Blob string
	}
	Token, Fingerprint, Pseudonym struct{ Text, Mac string }
	Public                        string
	Record                        struct{ Macs, Heads []string }
}

// TestKnownAnswers opens what another implementation made from the layout: cards that are sealed today open after any change.
func TestKnownAnswers(t *testing.T) {
	t.Parallel()
	k := newKit(t, false)
	text, err := os.ReadFile(filepath.Join("testdata", "ring.json"))
	k.ok(err)
	var v vectors
	k.ok(json.Unmarshal(text, &v))
	raw := func(text string) []byte {
		b, err := hex.DecodeString(text)
		k.ok(err)
		return b
	}
	for name, want := range v.Derived {
		got, err := hkdf.Key(sha256.New, raw(v.Master), nil, "cardrop/"+name+"/v1", 32)
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s is derived as %x, %v", name, got, err)
		}
	}
	k.ok(k.raw.Del(k.ctx, k.key("ring")).Err())
	for name, value := range v.Ring {
		k.ok(k.raw.HSet(k.ctx, k.key("ring"), name, raw(value)).Err())
	}
	r, err := k.ring(k.store, v.Mode, v.Shop, v.Master)
	k.ok(err)
	if got := hex.EncodeToString(r.primary.id[:]); got != v.KeyID {
		t.Errorf("key id is %s, want %s", got, v.KeyID)
	}
	if got := r.associated(v.Card.Place); !bytes.Equal(got, raw(v.Card.Associated)) {
		t.Errorf("associated data is %x", got)
	}
	plain, err := r.Open(raw(v.Card.Blob), v.Card.Place)
	if err != nil || string(plain) != v.Card.Plain {
		t.Errorf("card opens as %q, %v", plain, err)
	}
	card, err := unpackCard(plain)
	if err != nil || card.Code.Expose() != "GZ-TEST-0001" || card.Serial.Expose() != "SN-0001" {
		t.Errorf("card is %v, %v", card, err)
	}
	for name, c := range map[string][2]string{
		"token": {r.Token(v.Token.Text), v.Token.Mac}, "pseudonym": {r.Pseudonym(1001), v.Pseudonym.Mac},
		"fingerprint":  {hex.EncodeToString(r.Fingerprint(v.Fingerprint.Text)), v.Fingerprint.Mac},
		"token key":    {hex.EncodeToString(r.tokenMAC), v.Own["token-mac"]},
		"audit key":    {hex.EncodeToString(r.auditMAC), v.Own["audit-mac"]},
		"signing seed": {hex.EncodeToString(r.signing.Seed()), v.Own["signing-seed"]},
		"public key":   {hex.EncodeToString(r.Public()), v.Public},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %s, want %s", name, c[0], c[1])
		}
	}
	s := &Shop{o: Options{Ring: r}}
	at := time.UnixMilli(1772445600123)
	events := []store.Event{
		{ID: "1772445600000-0", At: at, Kind: EventOpened, Order: "ABCD2345", Person: "0011223344556677", Actor: "0011223344556677",
			Data: map[string]string{"total": "23000", "product": "GRAB-7K2", "cards": "2"}},
		{ID: "1772445600000-1", At: at.Add(time.Millisecond), Kind: EventOffered, Order: "ABCD2345", Person: "0011223344556677", Actor: system},
	}
	var head store.Head
	for i := range events {
		next, macs, err := s.chain(head, events[i:i+1])
		k.ok(err)
		if hex.EncodeToString(macs[0].mac) != v.Record.Macs[i] || next.Hash != v.Record.Heads[i] || next.Seq != int64(i+1) {
			t.Errorf("entry %d: mac %x, head %+v", i+1, macs[0], next)
		}
		head = next
	}
}
