package demo

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func (r *rig) fault(f Fault) {
	r.t.Helper()
	if err := r.AddFault(f); err != nil {
		r.t.Fatal(err)
	}
}

// raw sends one message and returns the bare answer.
func (r *rig) raw(c context.Context, chat int64) (status int, body string, err error) {
	payload := `{"chat_id":` + strconv.FormatInt(chat, 10) + `,"text":"x"}`
	req, err := http.NewRequestWithContext(c, http.MethodPost, r.url+"/bot"+token+"/sendMessage", strings.NewReader(payload))
	if err != nil {
		return 0, "", err
	}
	req.GetBody = nil // so that net/http sends it once
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	var b bytes.Buffer
	_, err = io.Copy(&b, resp.Body)
	return resp.StatusCode, b.String(), err
}

func TestFaultsThatAnswer(t *testing.T) {
	tests := []struct {
		name   string
		fault  Fault
		status int
		body   string
	}{
		{"error", Fault{Kind: FaultError, Code: 400, Description: "Bad Request: message can't be deleted"}, 400, `"message can't be deleted"`},
		{"error without code", Fault{Kind: FaultError}, 500, `"Internal Server Error"`},
		{"flood", Fault{Kind: FaultFlood, RetryAfter: 3}, 429, `"retry_after":3`},
		{"html 502", Fault{Kind: FaultHTML}, 502, "<html>"},
		{"html 500", Fault{Kind: FaultHTML, Code: 500}, 500, "<title>Internal Server Error</title>"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			r := newChatRig(t, Options{})
			tc.fault.Method, tc.fault.Times = "sendMessage", 2
			r.fault(tc.fault)
			for range 2 {
				status, body, err := r.raw(ctx(t), amina)
				if err != nil || status != tc.status || !strings.Contains(strings.ReplaceAll(body, "Bad Request: ", ""), tc.body) {
					t.Errorf("%d %q %v", status, body, err)
				}
			}
			if n := len(r.Messages(amina)); n != 1 {
				t.Errorf("%d messages: a fault has no effect", n)
			}
			if status, body, err := r.raw(ctx(t), amina); status != 200 {
				t.Errorf("used up: %d %q %v", status, body, err)
			}
			if calls := r.Journal(); len(calls) != 3 || calls[0].Fault != tc.fault.Kind || calls[0].OK || calls[2].Fault != "" || !calls[2].OK {
				t.Errorf("journal: %+v", calls)
			}
		})
	}
}

func TestFaultsThatCut(t *testing.T) {
	for kind, messages := range map[FaultKind]int{FaultCutBefore: 1, FaultCutAfter: 2} {
		r := newChatRig(t, Options{})
		r.fault(Fault{Kind: kind})
		if status, body, err := r.raw(ctx(t), amina); err == nil {
			t.Errorf("%s: got %d %q", kind, status, body)
		}
		if n := len(r.Messages(amina)); n != messages {
			t.Errorf("%s: %d messages, want %d", kind, n, messages)
		}
		if calls := r.Journal(); len(calls) != 1 || calls[0].Fault != kind {
			t.Errorf("%s: journal %+v", kind, calls)
		}
	}
}

func TestFaultDelay(t *testing.T) {
	r := newChatRig(t, Options{})
	r.fault(Fault{Kind: FaultDelay, Delay: 60 * time.Millisecond, Times: 2})
	begin := time.Now()
	if status, _, err := r.raw(ctx(t), amina); status != 200 || time.Since(begin) < 60*time.Millisecond {
		t.Errorf("%d %v after %s", status, err, time.Since(begin))
	}
	short, cancel := context.WithTimeout(t.Context(), 15*time.Millisecond)
	defer cancel()
	if _, _, err := r.raw(short, amina); err == nil {
		t.Error("the client's limit was shorter than the delay")
	}
	r.watched("effect after the client has gone", func() bool { return len(r.Messages(amina)) == 3 })
}

func TestFaultsChoose(t *testing.T) {
	r := newChatRig(t, Options{})
	r.say(omar, started)
	r.fault(Fault{ChatID: omar, Kind: FaultError, Code: 403, Description: "Forbidden: user is deactivated", Times: -1})
	r.text(amina, "not this chat")
	for range 3 {
		r.refused("sendMessage", fields{"chat_id": omar, "text": "x"}, 403, "Forbidden: user is deactivated")
	}
	if left := r.Faults(); len(left) != 1 || left[0].Times != -1 {
		t.Errorf("left: %+v", left)
	}
	r.ClearFaults()
	r.text(omar, "x")
	r.fault(Fault{Method: "deleteMessage", Kind: FaultHTML})
	r.fault(Fault{Kind: FaultError, Code: 400, Description: "any method"})
	r.ok("getUpdates", nil) // only a fault that names it meets getUpdates
	r.refused("sendMessage", fields{"chat_id": amina, "text": "x"}, 400, "any method")
	r.text(amina, "x")
	wantErr(t, r.AddFault(Fault{Kind: "earthquake"}), ErrNoFault)
}
