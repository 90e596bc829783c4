package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestKeygen(t *testing.T) {
	var key, other, advice bytes.Buffer
	if err := keygen(&key, &advice); err != nil {
		t.Fatal(err)
	}
	if err := keygen(&other, &advice); err != nil {
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
