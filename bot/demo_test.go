package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cardrop/bot/demo"
)

// stand is a running demo, driven as the page drives it.
type stand struct {
	t   *testing.T
	cmd *exec.Cmd
	log *tape
	url string
	tmp string
}

// newStand runs the built program's demo with a PATH and waits for its one line.
func newStand(t *testing.T, path string, args ...string) *stand {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t: t, log: &tape{}, tmp: t.TempDir()}
	s.cmd = exec.Command(program, append([]string{"demo"}, args...)...) //nolint:noctx,gosec // ended by end or the cleanup
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = t.TempDir(), s.log, s.log
	s.cmd.Env = []string{"PATH=" + path, "TMPDIR=" + s.tmp}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
	})
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if _, rest, ok := strings.Cut(s.log.String(), "http://"); ok && strings.Contains(rest, "\n") {
			s.url = "http://" + strings.Fields(rest)[0]
			return s
		}
		if time.Now().After(end) {
			t.Fatalf("the demo did not open:\n%s", s.log)
		}
	}
}

// post acts as the page does.
func (s *stand) post(path string, body any) {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.Post(s.url+path, "application/json", bytes.NewReader(text)) //nolint:noctx // our own address
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %d", path, text, resp.StatusCode)
	}
}

func (s *stand) get(path string, into any) {
	s.t.Helper()
	resp, err := http.Get(s.url + path) //nolint:noctx // our own address
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		s.t.Fatal(err)
	}
}

// until waits for a message of the customer's chat that is right; the newest one is given back.
func (s *stand) until(what string, patience time.Duration, right func(all []demo.Message) bool) []demo.Message {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(30 * time.Millisecond) {
		var state demo.State
		s.get(fmt.Sprintf("/client/state?user=%d", omar), &state)
		if right(state.Messages) {
			return state.Messages
		}
		if time.Now().After(end) {
			s.t.Fatalf("never: %s; on screen: %+v\n%s", what, state.Messages, s.log)
		}
	}
}

// press waits for a key and presses it, on the newest message that has it.
func (s *stand) press(label string) {
	s.t.Helper()
	var at demo.Message
	var row, col int
	s.until("a key "+label, patience, func(all []demo.Message) bool {
		for _, m := range all {
			for r, keys := range m.Keyboard {
				for c, key := range keys {
					if strings.Contains(key.Text, label) {
						at, row, col = m, r, c
					}
				}
			}
		}
		return at.ID != 0
	})
	s.post("/client/press", map[string]any{"user": omar, "chat": omar, "message": at.ID, "row": row, "col": col})
}

func (s *stand) sold() int {
	var list []json.RawMessage
	s.get("/suppliers/giftz/_control/sold", &list)
	return len(list)
}

// shows tells whether a code is on the screen.
func shows(all []demo.Message) bool {
	for _, m := range all {
		if m.Protected && holdsAll(m, []string{"Copy code"}) {
			return true
		}
	}
	return false
}

// end ends the demo as Ctrl-C does: no error, no process, no file is left.
func (s *stand) end() {
	s.t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", s.cmd.Process.Pid, s.cmd.Process.Pid))
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	if wrong := s.cmd.Wait(); wrong != nil {
		s.t.Errorf("the demo ended with %v\n%s", wrong, s.log)
	}
	if err == nil {
		for child := range strings.FieldsSeq(string(children)) {
			if _, err := os.Stat("/proc/" + child); err == nil {
				s.t.Errorf("process %s is left", child)
			}
		}
	}
	left, err := filepath.Glob(filepath.Join(s.tmp, "*"))
	if err != nil || len(left) > 0 {
		s.t.Errorf("files are left: %v %v", left, err)
	}
}

// TestDemo tells the story of the guided tour with the built program, on both Redises: an answer is lost after the purchase and recovered
// without a second one, and a code on the screen goes in time although the shop was killed.
func TestDemo(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"embedded": "", "server": os.Getenv("PATH")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("redis-server"); err != nil && name == "server" {
				t.Skip("no redis-server on PATH")
			}
			s := newStand(t, path, "127.0.0.1:0")
			s.post("/room/switch", map[string]any{"supplier": "giftz", "name": "lost-answer", "on": true})
			s.post("/client/say", map[string]any{"user": omar, "chat": omar, "text": "/start"})
			for _, label := range []string{"Buy", "Grab (", "Grab (Vietnam)", "Grab 20.000", "Continue with 1", "Confirm"} {
				s.press(label)
			}
			for end := time.Now().Add(patience); s.sold() == 0 && time.Now().Before(end); {
				time.Sleep(20 * time.Millisecond)
			}
			s.post("/room/restart", map[string]any{}) // in the middle of the doubt
			s.post("/room/advance", map[string]any{"seconds": 60})
			s.press("Show")
			s.until("a code", patience, shows)
			if n := s.sold(); n != 1 {
				t.Errorf("the supplier sold %d times", n)
			}
			s.post("/room/restart", map[string]any{}) // with the code on the screen
			s.post("/room/advance", map[string]any{"seconds": 60})
			s.until("the code is gone", patience, func(all []demo.Message) bool { return !shows(all) })
			s.end()
		})
	}
}

// TestDemoParts runs one simulator as a process of its own.
func TestDemoParts(t *testing.T) {
	t.Parallel()
	for part, setting := range map[string]string{demo.OnlyTelegram: "TELEGRAM_API_URL=", demo.OnlySuppliers: "GIFTZ_BASE_URL="} {
		s := newStand(t, "", part, "127.0.0.1:0")
		u, err := url.Parse(s.url)
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(patience); !strings.Contains(s.log.String(), setting+"http://"+u.Host); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("demo %s says:\n%s", part, s.log)
			}
		}
		for line := range strings.SplitSeq(strings.TrimSpace(s.log.String()), "\n") {
			if name, _, ok := strings.Cut(line, "="); !ok || name != strings.ToUpper(name) {
				t.Errorf("demo %s prints %q", part, line)
			}
		}
		s.end()
	}
}

// TestDemoShopNeedsItsWorld starts the child without a parent.
func TestDemoShopNeedsItsWorld(t *testing.T) {
	t.Parallel()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(limited, program, "demo", "shop").CombinedOutput() //nolint:gosec // the program itself
	if err == nil || !strings.Contains(string(out), "a demo's shop is started by the demo") {
		t.Errorf("it said %q and ended with %v", out, err)
	}
}

// TestDemoAccount empties the shop's account at a supplier, which stops the selling there, and fills it up again.
func TestDemoAccount(t *testing.T) {
	t.Parallel()
	s := newStand(t, "", "127.0.0.1:0")
	s.post("/room/switch", map[string]any{"supplier": "giftz", "name": "no-funds", "on": true})
	s.post("/client/say", map[string]any{"user": omar, "chat": omar, "text": "/start"})
	for _, label := range []string{"Buy", "Grab (", "Grab (Vietnam)", "Grab 20.000", "Continue with 1", "Confirm"} {
		s.press(label)
	}
	s.suppliers("giftz – paused")
	s.post("/room/switch", map[string]any{"supplier": "giftz", "name": "no-funds", "on": false})
	s.suppliers("giftz – sells")
	s.end()
}

// suppliers waits until the admin reads a line about the suppliers.
func (s *stand) suppliers(line string) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		s.post("/client/say", map[string]any{"user": demo.DemoAdmin, "chat": demo.DemoAdmin, "text": "/suppliers"})
		var state demo.State
		s.get(fmt.Sprintf("/client/state?user=%d", demo.DemoAdmin), &state)
		for _, m := range slices.Backward(state.Messages) { // the newest list counts
			if strings.Contains(m.Text, "giftz –") {
				if strings.Contains(m.Text, line) {
					return
				}
				break
			}
		}
		if time.Now().After(end) {
			s.t.Fatalf("the admin never reads %q", line)
		}
	}
}
