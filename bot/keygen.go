package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
)

// keygen prints a new key as 64 hex digits to stdout, alone on its line so that it can be redirected into a file, and says on
// stderr what to do with it.
func keygen(stdout, stderr io.Writer) error {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: the runtime ends the program instead
	if _, err := fmt.Fprintln(stdout, hex.EncodeToString(key)); err != nil {
		return fmt.Errorf("print key: %w", err)
	}
	_, err := fmt.Fprint(stderr, `Put this key into ENCRYPTION_KEY, or into a file that only this program's user may read and its path into ENCRYPTION_KEY_FILE.
Keep two copies away from this machine. Without the key no sealed card can ever be opened again, by anybody.
`)
	if err != nil {
		return fmt.Errorf("print advice: %w", err)
	}
	return nil
}
