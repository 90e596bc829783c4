package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// keygen prints a new key as 64 hex digits to stdout, alone on its line so that it can be redirected into a file, and says on
// stderr what to do with it. With the word backup it prints the file of an age identity instead, as age-keygen does.
func keygen(args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		if len(args) != 1 || args[0] != "backup" {
			return errors.New("keygen takes nothing, or the word backup")
		}
		return backupPair(stdout, stderr)
	}
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

// backupPair prints an age identity, with its public half in a comment.
func backupPair(stdout, stderr io.Writer) error {
	pair, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make pair: %w", err)
	}
	if _, err := fmt.Fprintf(stdout, "# public key: %s\n%s\n", pair.Recipient(), pair); err != nil {
		return fmt.Errorf("print pair: %w", err)
	}
	_, err = fmt.Fprintf(stderr, `Put %s into BACKUP_RECIPIENT.
Keep the file with the secret half away from this machine, in two copies: it opens every backup, and without it no backup opens.
`, pair.Recipient())
	if err != nil {
		return fmt.Errorf("print advice: %w", err)
	}
	return nil
}
