package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cardrop/flows/checkout"
)

// headFile is head.json in DATA_DIR: how far Redis' record was seen. It is what tells a Redis that went back in time from one that did
// not, so it is never older than what was confirmed a tick ago.
type headFile struct {
	dir  string
	shop string // several shops do not share a folder
}

// headLine is the file's content.
type headLine struct {
	Shop  string    `json:"shop"`
	Seq   int64     `json:"seq"`
	ID    string    `json:"id"`
	Hash  string    `json:"hash"`
	Claim int64     `json:"claim"`
	Time  time.Time `json:"time"`
}

func (f headFile) path() string { return filepath.Join(f.dir, "head.json") }

// Sighted reads the file; without one it returns the zero Sighting.
func (f headFile) Sighted() (checkout.Sighting, error) {
	text, err := os.ReadFile(f.path())
	if errors.Is(err, fs.ErrNotExist) {
		return checkout.Sighting{}, nil
	}
	if err != nil {
		return checkout.Sighting{}, fmt.Errorf("read head.json: %w", err)
	}
	var l headLine
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return checkout.Sighting{}, fmt.Errorf("head.json in DATA_DIR cannot be read: %w", err)
	}
	if l.Shop != f.shop {
		return checkout.Sighting{}, fmt.Errorf("head.json in DATA_DIR belongs to shop %q; each shop needs a folder of its own", l.Shop)
	}
	return checkout.Sighting{Seq: l.Seq, ID: l.ID, Hash: l.Hash, Fence: l.Claim, At: l.Time}, nil
}

// Sight replaces the file: written beside it, on disk, then renamed, so that a crash leaves the former or the new one.
func (f headFile) Sight(at checkout.Sighting) (err error) {
	text, err := json.Marshal(headLine{Shop: f.shop, Seq: at.Seq, ID: at.ID, Hash: at.Hash, Claim: at.Fence, Time: at.At})
	if err != nil {
		return fmt.Errorf("encode head: %w", err)
	}
	next, err := os.CreateTemp(f.dir, ".head-*")
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(next.Name())
		}
	}()
	_, err = next.Write(append(text, '\n'))
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	if err := os.Rename(next.Name(), f.path()); err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	dir, err := os.Open(f.dir)
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	return nil
}
