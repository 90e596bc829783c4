package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// Keep encrypts a part of the record and writes it under a name, with .age behind it, into the folder of segments: beside its place, on disk,
// then renamed. It returns the SHA-256 of the file, hex. Segments are never removed here; `age -d` gives the text back.
func (k *Keeper) Keep(name string, text []byte) (sum string, err error) {
	var sealed bytes.Buffer
	secret, err := age.Encrypt(&sealed, k.to)
	if err == nil {
		_, err = secret.Write(text)
		err = errors.Join(err, secret.Close())
	}
	if err != nil {
		return "", fmt.Errorf("encrypt segment: %w", err)
	}
	if err := os.MkdirAll(k.o.Segments, 0o700); err != nil {
		return "", fmt.Errorf("make folder of segments: %w", err)
	}
	f, err := os.CreateTemp(k.o.Segments, tempPattern)
	if err != nil {
		return "", fmt.Errorf("write segment: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	hash := sha256.New()
	_, err = io.MultiWriter(f, hash).Write(sealed.Bytes())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("write segment: %w", err)
	}
	if err = os.Rename(f.Name(), filepath.Join(k.o.Segments, name+".age")); err != nil {
		return "", fmt.Errorf("write segment: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), syncFolder(k.o.Segments)
}

// Alone calls do while no process makes a backup, and keeps every process from beginning one meanwhile. While one is being made it does
// nothing and returns nil. What do does has to end within the lease, 90 s.
func (k *Keeper) Alone(ctx context.Context, do func(ctx context.Context) error) error {
	k.running.Lock()
	defer k.running.Unlock()
	held, err := k.o.Leases.TakeLease(ctx, leaseName, leaseSpan)
	if err != nil || !held {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, leaseSpan/2)
	defer cancel()
	return errors.Join(do(limited), k.o.Leases.DropLease(context.WithoutCancel(ctx), leaseName))
}
