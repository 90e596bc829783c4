package demo

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	oneclickdz "cardrop/providers/oneclickdz/sandbox"
)

func TestMask(t *testing.T) {
	for code, want := range map[string]string{"ABCD-EFGH-JKLM": "••••LM", "1234567890": "••••90", "ABCDE": "•••••", "": "", "ÄÖÜßéè": "••••éè"} {
		if got := mask(code); got != want {
			t.Errorf("%q is shown as %q, want %q", code, got, want)
		}
	}
}

// TestNamesAreTheSimulators compares the names that the control room knows with what the simulator sells under those ids.
func TestNamesAreTheSimulators(t *testing.T) {
	w := newWorld(t, WorldOptions{})
	if len(w.names) < 15 {
		t.Fatalf("only %d names", len(w.names))
	}
	for sku, name := range w.names {
		product, kind, _ := strings.Cut(sku, "/")
		req := mustRequest(t, w.URL()+"/suppliers/oneclickdz/v3/gift-cards/checkProduct/"+product)
		req.Header.Set("X-Access-Token", w.key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Data struct {
				Types []struct{ ID, Name string }
			}
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || err != nil {
			continue // a disabled product is not shown
		}
		if !slices.Contains(answer.Data.Types, struct{ ID, Name string }{kind, name}) {
			t.Errorf("%s is not %q: %+v", sku, name, answer.Data.Types)
		}
	}
	if got := w.names.title("ADSL:1000"); got != "ADSL 1000" {
		t.Errorf("an internet card is called %q", got)
	}
}

func TestQuestions(t *testing.T) {
	calls := []oneclickdz.Heard{
		{Method: "POST", Path: "/internet/send", Ref: "K7.1"}, {Method: "GET", Path: "/internet/check-ref/K7.1"},
		{Method: "GET", Path: "/internet/check-ref/API-213-K7.1"}, {Method: "GET", Path: "/internet/check-id/abc"},
		{Method: "GET", Path: "/gift-cards/list"}, {Method: "GET", Path: "/internet/check-ref/K8.1"},
	}
	if n := questions(calls, oneclickdz.Sold{Handle: "abc", Ref: "K7.1"}); n != 3 {
		t.Errorf("asked %d times, want 3", n)
	}
	if n := questions(calls, oneclickdz.Sold{}); n != 0 {
		t.Errorf("nothing was asked about %d times", n)
	}
}
