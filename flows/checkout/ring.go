package checkout

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"cardrop/providers"
	"cardrop/store"
)

// How a sealed card is laid out: 0x01 ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
const (
	sealVersion = 0x01
	keyIDSize   = 4
	padTo       = 64      // the length of a blob tells nothing about the product
	maxSeals    = 1 << 31 // random 96-bit nonces stay apart for this many seals under one key
	sealBlock   = 256     // seals are counted durably in blocks of this many
)

// The errors of a start with the wrong key.
var (
	// ErrWrongKey is an ENCRYPTION_KEY that did not seal what is stored.
	ErrWrongKey = errors.New("ENCRYPTION_KEY is not the one this shop's data was sealed with; put the right key back, or the former one into ENCRYPTION_KEYS_RETIRED")
	// ErrKeyWorn is a key that sealed as many cards as is safe: rotate.
	ErrKeyWorn = errors.New("ENCRYPTION_KEY has sealed as many cards as is safe; rotate it")
)

// Ring seals and opens cards, and holds the shop's own keys: for tokens, the record, fingerprints and pseudonyms. Those are random,
// made once, and kept in the store wrapped under the primary key.
type Ring struct {
	store   *store.Store
	mode    string
	shop    string
	primary *masterKey
	keys    map[[keyIDSize]byte]*masterKey
	dropped map[[keyIDSize]byte]bool // keys that sealed here once and are not loaded any more

	tokenMAC, auditMAC, fingerprint, pseudonym []byte
	signing                                    ed25519.PrivateKey

	mu   sync.Mutex
	left int64 // seals of the block counted last
}

// RingOptions say which keys open a shop.
type RingOptions struct {
	Store   *store.Store
	Primary providers.Secret   // 64 hex digits
	Retired []providers.Secret // open only
	Mode    string             // live or sandbox: part of every card's associated data
	Shop    string
}

// OpenRing reads the shop's own keys or makes them on the first start. With nothing written it returns ErrWrongKey when the store holds
// keys that neither the primary nor a retired key can unwrap, and *NeededError when a key is missing that something is still sealed under.
func OpenRing(ctx context.Context, o RingOptions) (*Ring, error) {
	r := &Ring{store: o.Store, mode: o.Mode, shop: o.Shop, keys: map[[keyIDSize]byte]*masterKey{},
		dropped: map[[keyIDSize]byte]bool{}}
	if err := r.load(o); err != nil {
		return nil, err
	}
	stored, err := o.Store.Keyring(ctx)
	if err != nil {
		return nil, fmt.Errorf("open ring: %w", err)
	}
	if err := r.recognize(stored); err != nil {
		return nil, err
	}
	dropped, err := r.missed(ctx, stored)
	if err != nil {
		return nil, err
	}
	var seed []byte
	into := map[string]*[]byte{"token-mac": &r.tokenMAC, "audit-mac": &r.auditMAC, "code-fingerprint": &r.fingerprint,
		"pseudonym": &r.pseudonym, "signing-seed": &seed}
	for name, key := range into { // whatever is there has to open before anything is written
		if *key, err = r.unwrap(name, stored["wrap:"+name]); err != nil {
			return nil, err
		}
	}
	if err := r.enroll(ctx, stored, dropped); err != nil {
		return nil, err
	}
	if _, err := o.Store.AddKey(ctx, "check:"+hex.EncodeToString(r.primary.id[:]), r.checkValue(r.primary)); err != nil {
		return nil, fmt.Errorf("open ring: %w", err)
	}
	for name, key := range into {
		if *key == nil {
			if *key, err = r.make(ctx, name); err != nil {
				return nil, err
			}
		}
	}
	r.signing = ed25519.NewKeyFromSeed(seed)
	return r, nil
}

// place binds a sealed blob to where it belongs.
type place struct {
	Order string
	Index string
	Owner int64
	SKU   string
}

func (r *Ring) associated(p place) []byte {
	return bind("cardrop/card/v1", r.mode, r.shop, p.Order, p.Index, fmt.Sprint(p.Owner), p.SKU, "1")
}

// Seal encrypts a plaintext for one place. It returns ErrKeyWorn when the key must not be used any more.
func (r *Ring) Seal(ctx context.Context, plain []byte, p place) ([]byte, error) {
	if err := r.count(ctx); err != nil {
		return nil, err
	}
	size := (4 + len(plain) + padTo - 1) / padTo * padTo
	padded := make([]byte, size)
	binary.BigEndian.PutUint32(padded, uint32(len(plain))) //nolint:gosec // an answer is at most a few MiB
	copy(padded[4:], plain)
	out := append([]byte{sealVersion}, r.primary.id[:]...)
	return r.primary.seal.Seal(out, nil, padded, r.associated(p)), nil
}

// Open decrypts what was sealed for this very place. It returns ErrKeyMissing for a key that is not loaded, ErrKeyRetired for one that was
// dropped after a rotation, and ErrTampered for anything else that does not open.
func (r *Ring) Open(blob []byte, p place) ([]byte, error) {
	if len(blob) < 1+keyIDSize || blob[0] != sealVersion {
		return nil, ErrTampered
	}
	id := [keyIDSize]byte(blob[1 : 1+keyIDSize])
	key := r.keys[id]
	switch {
	case key == nil && r.dropped[id]:
		return nil, ErrKeyRetired
	case key == nil:
		return nil, ErrKeyMissing
	}
	padded, err := key.seal.Open(nil, nil, blob[1+keyIDSize:], r.associated(p))
	if err != nil || len(padded) < 4 {
		return nil, ErrTampered
	}
	n := binary.BigEndian.Uint32(padded)
	if int64(n) > int64(len(padded)-4) {
		return nil, ErrTampered
	}
	return padded[4 : 4+n], nil
}

// count keeps the number of seals under the primary key, durably and ahead of use.
func (r *Ring) count(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		sum, err := r.store.CountSeals(ctx, hex.EncodeToString(r.primary.id[:]), sealBlock)
		if err != nil {
			return fmt.Errorf("seal card: %w", err)
		}
		if sum > maxSeals {
			return ErrKeyWorn
		}
		r.left = sealBlock
	}
	r.left--
	return nil
}

// Token is the mac under which a reveal token is stored: 32 hex digits.
func (r *Ring) Token(token string) string { return hex.EncodeToString(mac(r.tokenMAC, token)[:16]) }

// Fingerprint is the keyed digest of a code: 16 bytes. Without the key it cannot be tried out.
func (r *Ring) Fingerprint(code string) []byte { return mac(r.fingerprint, code)[:16] }

// Pseudonym stands for a person in the record: 16 hex digits.
func (r *Ring) Pseudonym(user int64) string {
	return hex.EncodeToString(mac(r.pseudonym, fmt.Sprint(user))[:8])
}

// Public is the key that proves the shop's checkpoints.
func (r *Ring) Public() ed25519.PublicKey {
	public, _ := r.signing.Public().(ed25519.PublicKey)
	return public
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// bind encodes parts so that no two lists of parts look alike: each with its length in front.
func bind(parts ...string) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p))) //nolint:gosec // parts are short
		out = append(out, p...)
	}
	return out
}
