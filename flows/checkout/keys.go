package checkout

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"cardrop/providers"
)

// masterKey is one ENCRYPTION_KEY with what is derived from it.
type masterKey struct {
	id    [keyIDSize]byte
	seal  cipher.AEAD
	wrap  cipher.AEAD
	check []byte
}

// load reads the primary and the retired keys; each has to be another one.
func (r *Ring) load(o RingOptions) error {
	for i, secret := range append([]providers.Secret{o.Primary}, o.Retired...) {
		key, err := newMasterKey(secret)
		if err != nil {
			return err
		}
		if r.keys[key.id] != nil {
			return errors.New("ENCRYPTION_KEYS_RETIRED: a key is named twice, or is the present ENCRYPTION_KEY")
		}
		if i == 0 {
			r.primary = key
		}
		r.keys[key.id] = key
	}
	return nil
}

func newMasterKey(secret providers.Secret) (*masterKey, error) {
	raw, err := hex.DecodeString(secret.Expose())
	if err != nil || len(raw) != 32 {
		return nil, errors.New("ENCRYPTION_KEY: 64 hex digits are needed; `keygen` prints a key")
	}
	if bytes.Count(raw, raw[:1]) == len(raw) {
		return nil, errors.New("ENCRYPTION_KEY: all its bytes are equal; `keygen` prints a key")
	}
	derive := func(info string) []byte {
		key, err := hkdf.Key(sha256.New, raw, nil, "cardrop/"+info+"/v1", 32)
		if err != nil {
			panic("hkdf: impossible length") // 32 bytes of SHA-256 output always fit
		}
		return key
	}
	k := &masterKey{check: derive("key-check")}
	if k.seal, err = newAEAD(derive("card-seal")); err != nil {
		return nil, err
	}
	if k.wrap, err = newAEAD(derive("wrap")); err != nil {
		return nil, err
	}
	copy(k.id[:], mac(k.check, "cardrop/key-id/v1"))
	return k, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return a, nil
}

// recognize compares the stored key check values with the loaded keys. A shop that was opened before must know one of ours, under
// the same mode and shop name.
func (r *Ring) recognize(stored map[string]string) error {
	known, any := false, false
	for name, value := range stored {
		id, ok := strings.CutPrefix(name, "check:")
		if !ok {
			continue
		}
		any = true
		for _, key := range r.keys {
			if hex.EncodeToString(key.id[:]) != id {
				continue
			}
			if !hmac.Equal([]byte(value), r.checkValue(key)) {
				return fmt.Errorf("%w (or SHOP_MODE or SHOP was changed)", ErrWrongKey)
			}
			known = true
		}
	}
	if any && !known {
		return ErrWrongKey
	}
	return nil
}

func (r *Ring) checkValue(k *masterKey) []byte {
	return mac(k.check, string(bind("cardrop/key-check/v1", r.mode, r.shop)))
}

// unwrap opens one of the shop's keys; nil when there is none yet. A key wrapped under a retired key is used as it is; rotation
// wraps it again.
func (r *Ring) unwrap(name, wrapped string) ([]byte, error) {
	if wrapped == "" {
		return nil, nil
	}
	if len(wrapped) < keyIDSize {
		return nil, fmt.Errorf("open ring: key %s is damaged", name)
	}
	key := r.keys[[keyIDSize]byte([]byte(wrapped[:keyIDSize]))]
	if key == nil {
		return nil, ErrWrongKey
	}
	plain, err := key.wrap.Open(nil, nil, []byte(wrapped[keyIDSize:]), r.wrapping(name))
	if err != nil {
		return nil, ErrWrongKey
	}
	return plain, nil
}

// make makes one of the shop's keys, unless another process was faster: then it is that one's.
func (r *Ring) make(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh)
	kept, err := r.store.AddKey(ctx, "wrap:"+name, r.wrapped(name, fresh))
	if err != nil {
		return nil, fmt.Errorf("open ring: %w", err)
	}
	return r.unwrap(name, string(kept))
}

// wrapped is one of the shop's keys as it is stored: the id of the key that wraps it, nonce, ciphertext.
func (r *Ring) wrapped(name string, key []byte) []byte {
	return append(append([]byte{}, r.primary.id[:]...), r.primary.wrap.Seal(nil, nil, key, r.wrapping(name))...)
}

// wrapping binds a wrapped key to its name and shop.
func (r *Ring) wrapping(name string) []byte { return bind("cardrop/wrap/v1", r.mode, r.shop, name) }
