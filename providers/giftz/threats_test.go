package giftz

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"cardrop/providers"
)

// TestThreat12FlippedBits: the cipher has no integrity check of its own. An answer in which somebody on the way flipped any bit is either
// unreadable, with one error for all causes, or its altered cards are what a hostile supplier might send: never a panic, and never
// an error that tells how far the decryption came.
func TestThreat12FlippedBits(t *testing.T) {
	v := readVectors(t)
	password := v.Answers.Password
	plain, err := json.Marshal(map[string]string{keyCode: "GZ-CANARY-7QX2-19KD", "serial": "SN-000111"})
	if err != nil {
		t.Fatal(err)
	}
	sealed := encryptCBC(t, password, plain)
	whole, err := decrypt(providers.NewSecret(password), sealed)
	if err != nil || string(whole) != string(plain) {
		t.Fatalf("the answer as it was: %q, %v", whole, err)
	}
	ivHex, textHex, _ := strings.Cut(sealed, ":")
	iv, _ := hex.DecodeString(ivHex)
	text, _ := hex.DecodeString(textHex)
	client := &Client{o: Options{Password: providers.NewSecret(password)}, announced: map[string]fields{grab: {secure: []string{keyCode}}}}
	answered := func(secure string) providers.Fulfillment {
		t.Helper()
		body, err := json.Marshal(map[string]any{"data": map[string]any{"code": 200, "number_of_vouchers": 1,
			"vouchers": []any{map[string]any{"voucher_id": grab, "secure_data": secure}}}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := readReply(body)
		if err != nil {
			t.Fatal(err)
		}
		return client.read(body, r, grab, 1)
	}
	if f := answered(sealed); f.Fault != providers.NoFault || f.Cards[0].Code.Expose() != "GZ-CANARY-7QX2-19KD" {
		t.Fatalf("the answer as it was has the fault %q", f.Fault)
	}
	refused, altered := 0, 0
	for bit := range (len(iv) + len(text)) * 8 {
		all := append(append([]byte{}, iv...), text...)
		all[bit/8] ^= 1 << (bit % 8)
		flipped := hex.EncodeToString(all[:len(iv)]) + ":" + hex.EncodeToString(all[len(iv):])
		got, err := decrypt(providers.NewSecret(password), flipped)
		switch {
		case err != nil && (err.Error() != errSealed.Error() || got != nil):
			t.Fatalf("bit %d: error %v with %d bytes: it tells how far it came", bit, err, len(got))
		case err != nil:
			refused++
		case string(got) == string(plain):
			t.Fatalf("bit %d was flipped and nothing changed", bit)
		default:
			altered++
		}
		f := answered(flipped)
		if f.Fault == providers.NoFault && (len(f.Cards) != 1 || f.Cards[0].Code.Empty()) {
			t.Errorf("bit %d: a clean answer with %d cards", bit, len(f.Cards))
		}
		if err != nil && f.Fault == providers.NoFault {
			t.Errorf("bit %d: what cannot be decrypted is a clean answer", bit)
		}
		if f.Fault != providers.NoFault && f.Raw.Empty() {
			t.Errorf("bit %d: a fault that is not kept whole", bit)
		}
	}
	if refused == 0 || altered == 0 {
		t.Errorf("%d answers refused, %d altered: both kinds should be met", refused, altered)
	}
	t.Logf("%d flipped bits: %d refused with one error, %d read as altered cards", refused+altered, refused, altered)
}
