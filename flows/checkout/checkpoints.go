package checkout

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cardrop/store"
)

// checkpointLease is longer than the time between two checkpoints, so that one process goes on making them.
const checkpointLease = 6 * time.Minute

// ErrForged is a checkpoint or an export that the shop's key did not sign.
var ErrForged = errors.New("the signature does not fit")

// errAltered means that the record does not go on from the last checkpoint.
var errAltered = errors.New("the record does not continue its last checkpoint; run /audit verify")

// Checkpoint is a signed statement of how far the record reached at a time. Kept where Redis is not, it proves later that nothing before it
// was changed and nothing was cut off. As a line of JSON it is about 400 bytes.
type Checkpoint struct {
	Shop      string    `json:"shop"`
	Mode      string    `json:"mode"` // live or sandbox
	Seq       int64     `json:"seq"`  // entries up to here, from 1
	ID        string    `json:"id"`   // of the last one
	Head      string    `json:"head"` // hex
	At        time.Time `json:"time"`
	Accepted  bool      `json:"accepted,omitempty"` // a person accepted that Redis forgot what came after this entry
	Key       string    `json:"key"`                // the shop's public key, Ed25519, hex
	Signature string    `json:"signature"`          // base64
}

// said is what the signature is made over.
func (c Checkpoint) said() []byte {
	return bind("cardrop/checkpoint/v1", c.Mode, c.Shop, itoa(c.Seq), c.ID, c.Head, itoa(c.At.UnixMilli()), strconv.FormatBool(c.Accepted))
}

// Check compares the signature with the key the checkpoint names. It returns ErrForged when they do not fit; whether that key is the
// shop's is for the caller to know.
func (c Checkpoint) Check() error { return signedBy(c.Key, c.Signature, c.said()) }

// signedBy verifies a signature in base64 with a public key in hex.
func signedBy(key, signature string, said []byte) error {
	public, err := hex.DecodeString(key)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: the public key is not 64 hex digits", ErrForged)
	}
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || !ed25519.Verify(public, said, sig) {
		return ErrForged
	}
	return nil
}

// sign makes the signature under the shop's key, in base64, and names the key in hex.
func (r *Ring) sign(said []byte) (key, signature string) {
	return hex.EncodeToString(r.Public()), base64.StdEncoding.EncodeToString(ed25519.Sign(r.signing, said))
}

func (s *Shop) signed(head store.Head, accepted bool) Checkpoint {
	c := Checkpoint{Shop: s.o.Ring.shop, Mode: s.o.Ring.mode, Seq: head.Seq, ID: head.ID, Head: head.Hash,
		At: s.o.Now().UTC().Truncate(time.Millisecond), Accepted: accepted}
	c.Key, c.Signature = s.o.Ring.sign(c.said())
	return c
}

// Checkpoint signs how far the record reaches and writes it down beside Redis, when it has grown since the last time and one process of
// the shop, this one, holds that duty. It tells whether there is a new one. A record that does not continue the last checkpoint gets none,
// and the operators hear of it.
func (s *Shop) Checkpoint(ctx context.Context) (Checkpoint, bool, error) {
	held, err := s.o.Store.TakeLease(ctx, "checkpoint", checkpointLease)
	if err != nil || !held {
		return Checkpoint{}, false, err
	}
	if err := s.CheckHistory(ctx); err != nil {
		return Checkpoint{}, false, err
	}
	last, err := s.lastCheckpoint()
	if err != nil {
		return Checkpoint{}, false, err
	}
	head, err := s.o.Store.Head(ctx)
	if err != nil || head.Seq == last.Seq && head.Hash == last.Head {
		return Checkpoint{}, false, err
	}
	descends, err := s.descends(ctx, Sighting{Seq: last.Seq, ID: last.ID, Hash: last.Head}, head)
	if err != nil {
		return Checkpoint{}, false, err
	}
	if !descends {
		s.alarm(ctx, "record_altered", "entry "+itoa(last.Seq+1)+" or a later one; run /audit verify")
		return Checkpoint{}, false, errAltered
	}
	c := s.signed(head, false)
	return c, true, s.writeDown(c)
}

// writeDown keeps a checkpoint, in this process and beside Redis.
func (s *Shop) writeDown(c Checkpoint) error {
	if s.o.Witness != nil {
		if err := s.o.Witness.Checkpoint(c); err != nil {
			return fmt.Errorf("write checkpoint: %w", err)
		}
	}
	s.mu.Lock()
	s.pointed = c
	s.mu.Unlock()
	return nil
}

// lastCheckpoint is the newest one that is known; the zero value when there is none.
func (s *Shop) lastCheckpoint() (Checkpoint, error) {
	if s.o.Witness == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.pointed, nil
	}
	c, err := s.o.Witness.LastCheckpoint()
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read checkpoints: %w", err)
	}
	if c.Seq == 0 {
		return c, nil
	}
	return c, s.ours(c)
}

// ours refuses a checkpoint that this shop did not make.
func (s *Shop) ours(c Checkpoint) error {
	if c.Key != hex.EncodeToString(s.o.Ring.Public()) || c.Shop != s.o.Ring.shop || c.Mode != s.o.Ring.mode {
		return fmt.Errorf("checkpoint of entry %d: %w", c.Seq, ErrForged)
	}
	if err := c.Check(); err != nil {
		return fmt.Errorf("checkpoint of entry %d: %w", c.Seq, err)
	}
	return nil
}

// checkpoints reads all that still hold, by entry: what a person accepted ends those of later entries.
func (s *Shop) checkpoints() ([]Checkpoint, error) {
	if s.o.Witness == nil {
		last, err := s.lastCheckpoint()
		if last.Seq == 0 {
			return nil, err
		}
		return []Checkpoint{last}, err
	}
	var list []Checkpoint
	for c, err := range s.o.Witness.Checkpoints() {
		if err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		if err := s.ours(c); err != nil {
			return nil, err
		}
		list = standing(list, c)
	}
	return list, nil
}

// standing adds a checkpoint to those that hold.
func standing(list []Checkpoint, c Checkpoint) []Checkpoint {
	for c.Accepted && len(list) > 0 && list[len(list)-1].Seq > c.Seq {
		list = list[:len(list)-1]
	}
	if c.Seq == 0 {
		return list
	}
	return append(list, c)
}
