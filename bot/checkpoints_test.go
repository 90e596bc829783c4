package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cardrop/bot/demo"
	"cardrop/flows/checkout"
)

func pointed(n int64) checkout.Checkpoint {
	return checkout.Checkpoint{Shop: "main", Mode: "live", Seq: n, ID: "1-1", Head: strings.Repeat("ab", 32), At: time.UnixMilli(n).UTC(),
		Key: strings.Repeat("cd", 32), Signature: strings.Repeat("s", 88)}
}

// TestCheckpointsFile: lines come back in order, over torn ones, and the last one without reading the file whole.
func TestCheckpointsFile(t *testing.T) {
	f := headFile{dir: t.TempDir(), shop: "main"}
	if c, err := f.LastCheckpoint(); err != nil || c.Seq != 0 {
		t.Fatalf("without a file: %+v, %v", c, err)
	}
	var want []checkout.Checkpoint
	for n := range int64(100) {
		c := pointed(n + 1)
		if err := f.Checkpoint(c); err != nil {
			t.Fatal(err)
		}
		want = append(want, c)
		if last, err := f.LastCheckpoint(); err != nil || last != c {
			t.Fatalf("after %d: %+v, %v", n, last, err)
		}
		if n == 50 { // a crash in the middle of a line
			torn, err := os.OpenFile(f.checkpoints(), os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = torn.WriteString(`{"shop":"main","seq":5`)
			}
			if err != nil || torn.Close() != nil {
				t.Fatal(err)
			}
			if last, err := f.LastCheckpoint(); err != nil || last != c {
				t.Fatalf("beside a torn line: %+v, %v", last, err)
			}
		}
	}
	read := func() (got []checkout.Checkpoint, err error) {
		for c, err := range f.Checkpoints() {
			if err != nil {
				return got, err
			}
			got = append(got, c)
		}
		return got, nil
	}
	got, err := read()
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	text, err := os.ReadFile(f.checkpoints())
	if err == nil {
		err = os.WriteFile(f.checkpoints(), bytes.Replace(text, []byte(`"seq":7,`), []byte(`"seq":"7",`), 1), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := read(); err == nil || len(got) != 6 || !strings.Contains(err.Error(), "line 7") {
		t.Errorf("%d lines, %v", len(got), err)
	}
}

// file waits for a document whose name ends like that.
func (p person) file(suffix string) []byte {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	id := ""
	err := p.world.Telegram.Wait(ctx, p.id, func(list []demo.Message) bool {
		for _, m := range list {
			if m.Document != nil && strings.HasSuffix(m.Document.Name, suffix) {
				id = m.Document.ID
			}
		}
		return id != ""
	})
	if err != nil {
		p.t.Fatalf("no file *%s; on screen:\n%s\nlog:\n%s", suffix, p.screen(), p.log)
	}
	_, text, err := p.world.Telegram.File(id)
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// TestAuditVerify takes an export that the running shop sent its admin to another machine, which has nothing but the public key.
func TestAuditVerify(t *testing.T) {
	memories(t, func(t *testing.T, m memory) {
		data := t.TempDir()
		r := newRig(t, m, map[string]string{"DATA_DIR": data})
		admin := r.as(demo.DemoAdmin)
		admin.say("/start")
		r.fund(1001, "20000")
		r.witnessed(data)
		admin.say("/audit export")
		lines, table := admin.file(".jsonl"), admin.file(".csv")
		if !bytes.Contains(table, []byte("AUDIT_READ")) && !bytes.Contains(table, []byte("WALLET_CREDITED")) {
			t.Errorf("%s", table)
		}
		file := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(file, lines, 0o600); err != nil {
			t.Fatal(err)
		}
		var head struct{ Key string }
		if err := json.Unmarshal(lines[:bytes.IndexByte(lines, '\n')], &head); err != nil {
			t.Fatal(err)
		}
		verify := func(args ...string) (string, error) {
			var out bytes.Buffer
			err := auditVerify(args, &out)
			return out.String(), err
		}
		out, err := verify(file, head.Key)
		if err != nil || !strings.Contains(out, "holds: entries 1 to ") || !strings.Contains(out, "the key you gave") {
			t.Errorf("%s, %v", out, err)
		}
		if out, err = verify(file); err != nil || !strings.Contains(out, head.Key) {
			t.Errorf("%s, %v", out, err)
		}
		if _, err = verify(file, strings.Repeat("0", 64)); err == nil {
			t.Error("another key is taken")
		}
		if _, err = verify(); err == nil || !strings.Contains(err.Error(), "PUBLIC_KEY") {
			t.Errorf("%v", err)
		}
		if _, err = verify(file, filepath.Join(data, "nothing")); err == nil {
			t.Error("no checkpoints where a file of them was named")
		}
		all := bytes.SplitAfter(lines, []byte("\n"))
		if err := os.WriteFile(file, bytes.Join(slices.Delete(all, 1, 2), nil), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err = verify(file, head.Key); err == nil || !strings.Contains(err.Error(), "entry 1 ") {
			t.Errorf("%v", err)
		}
	})
}
