package main

import (
	"bytes"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestKeygen(t *testing.T) {
	var key, other, advice bytes.Buffer
	if err := keygen(nil, &key, &advice); err != nil {
		t.Fatal(err)
	}
	if err := keygen(nil, &other, &advice); err != nil {
		t.Fatal(err)
	}
	if !goodKey(strings.TrimSuffix(key.String(), "\n")) {
		t.Error("stdout holds something else than 64 hex digits on one line")
	}
	if key.String() == other.String() {
		t.Error("two keys are equal")
	}
	for _, part := range []string{"ENCRYPTION_KEY", "two copies"} {
		if !strings.Contains(advice.String(), part) {
			t.Errorf("advice does not speak of %s", part)
		}
	}
	if strings.Contains(advice.String(), strings.TrimSpace(key.String())) {
		t.Error("the key stands on stderr, too")
	}
}

func TestKeygenPrintsAPairForBackups(t *testing.T) {
	var file, advice bytes.Buffer
	if err := keygen([]string{"backup"}, &file, &advice); err != nil {
		t.Fatal(err)
	}
	ids, err := age.ParseIdentities(bytes.NewReader(file.Bytes()))
	if err != nil || len(ids) != 1 {
		t.Fatalf("not an identity file: %v", err)
	}
	public := ids[0].(*age.X25519Identity).Recipient().String() //nolint:forcetypeassert // fails the test
	if !strings.Contains(file.String(), "# public key: "+public) || !strings.Contains(advice.String(), public+" into BACKUP_RECIPIENT") {
		t.Errorf("the public half is not told:\n%s", advice.String())
	}
	if strings.Contains(advice.String(), "AGE-SECRET-KEY") {
		t.Error("the secret half is on stderr")
	}
	if err := keygen([]string{"backups"}, &file, &advice); err == nil {
		t.Error("another word is taken")
	}
}
