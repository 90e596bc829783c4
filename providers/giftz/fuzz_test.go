package giftz

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"strings"
	"testing"

	"cardrop/providers"
)

// encryptCBC is the inverse of decrypt, with a fixed iv.
func encryptCBC(t testing.TB, password string, plain []byte) string {
	t.Helper()
	var key [keyLength]byte
	copy(key[:], password)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	n := aes.BlockSize - len(plain)%aes.BlockSize
	text := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
	iv := bytes.Repeat([]byte{7}, aes.BlockSize)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	return hex.EncodeToString(iv) + ":" + hex.EncodeToString(text)
}

// FuzzDecrypt looks for inputs that panic, and for accepted ones that are not the encryption of what they gave.
func FuzzDecrypt(f *testing.F) {
	v := readVectors(f)
	for _, c := range append(append(v.OK, v.Bad...), v.Garbage...) {
		f.Add(c.Password, c.SecureData)
	}
	f.Fuzz(func(t *testing.T, password, sealed string) {
		plain, err := decrypt(providers.NewSecret(password), sealed)
		if err != nil {
			if err.Error() != errSealed.Error() || plain != nil {
				t.Fatalf("error %v with %d bytes, want the one error and nothing", err, len(plain))
			}
			return
		}
		iv, text, _ := strings.Cut(sealed, ":")
		if len(iv) != 2*aes.BlockSize || len(text) != 2*(len(plain)+aes.BlockSize-len(plain)%aes.BlockSize) {
			t.Fatalf("%d bytes from %d digits of iv and %d of text", len(plain), len(iv), len(text))
		}
	})
}

// FuzzAnswer feeds whole answers: whatever comes, nothing panics, only announced and complete cards are clean, and no error
// quotes the answer.
func FuzzAnswer(f *testing.F) {
	v := readVectors(f)
	for _, c := range v.Answers.Cases {
		f.Add([]byte(c.Body), 1)
		f.Add([]byte(c.Body), 2)
	}
	f.Add([]byte(`{"errors":{"code":100},"data":[]}`), 1)
	client := &Client{
		o:         Options{Password: providers.NewSecret(v.Answers.Password)},
		announced: map[string]fields{grab: {secure: []string{keyCode}}},
	}
	f.Fuzz(func(t *testing.T, body []byte, quantity int) {
		r, err := readReply(body)
		if err != nil {
			if len(body) > 40 && strings.Contains(err.Error(), string(body)) {
				t.Fatal("the error quotes the answer")
			}
			return
		}
		if r.sold() && r.refusal() != nil {
			t.Fatal("both sold and refused")
		}
		if !r.sold() {
			return
		}
		got := client.read(body, r, grab, max(quantity, 1))
		if got.State != providers.Fulfilled {
			t.Fatalf("state %q of an answer that sold", got.State)
		}
		if got.Fault == providers.NoFault {
			if len(got.Cards) != max(quantity, 1) || !got.Raw.Empty() {
				t.Fatalf("%d clean cards of %d", len(got.Cards), quantity)
			}
			for _, card := range got.Cards {
				if card.Code.Empty() {
					t.Fatal("a clean card without its announced code")
				}
			}
		} else if got.Raw.Expose() != string(body) {
			t.Fatal("a fault without the whole answer")
		}
	})
}
