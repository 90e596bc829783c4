package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"go/ast"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"golang.org/x/sys/unix"
)

// TestThreat06NoCore: the program writes no core file and lets nobody of the same user read its memory, whatever it was started with.
func TestThreat06NoCore(t *testing.T) {
	if os.Getenv("CARDROP_HARDEN") != "" {
		before, _ := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
		harden()
		after, _ := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
		fmt.Printf("dumpable %d then %d\n", before, after)
		return
	}
	t.Parallel()
	self := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestThreat06NoCore$")
	self.Env = append(os.Environ(), "CARDROP_HARDEN=1")
	out, err := self.Output()
	if err != nil || !strings.Contains(string(out), "dumpable 1 then 0") {
		t.Errorf("hardening: %s, %v", out, err)
	}
	r := newRig(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), nil)
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", r.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("the program may write core files:\n%s", limits)
	}
	_ = r.cmd.Process.Signal(unix.SIGABRT)
	_ = r.cmd.Wait()
	files, err := os.ReadDir(r.cmd.Dir)
	if err != nil || len(files) != 0 {
		t.Errorf("an abort leaves %v, %v", files, err)
	}
	if strings.Contains(r.log.String(), r.env["ENCRYPTION_KEY"]) {
		t.Error("an abort prints the key")
	}
}

// TestThreat07NoSecretInArguments: there are no flags, so no secret can stand in the list of processes; and what is given all the same is
// refused.
func TestThreat07NoSecretInArguments(t *testing.T) {
	t.Parallel()
	readsFlags := func(all []source) []string {
		var found []string
		for _, s := range all {
			for _, i := range s.tree.Imports {
				if path, _ := strconv.Unquote(i.Path.Value); !s.test() && (path == "flag" || strings.Contains(path, "pflag") || strings.Contains(path, "cobra")) {
					found = append(found, s.path)
				}
			}
			if s.test() || s.path == "bot/main.go" {
				continue
			}
			ast.Inspect(s.tree, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Args" && osPackage(sel.X) {
					found = append(found, s.path)
				}
				return true
			})
		}
		return found
	}
	allowed := []string{"bot/backups.go"} // -identity names a file that holds the secret, -check is a word
	if found := readsFlags(house(t)); !slices.Equal(found, allowed) {
		t.Errorf("these read arguments: %v, want %v", found, allowed)
	}
	if len(readsFlags(append(snippet(t, "a/a.go\npackage a\nimport \"flag\""), snippet(t, "a/b.go\npackage a\nimport \"os\"\nvar x = os.Args")...))) != 2 {
		t.Error("a flag is not seen")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{"--encryption-key=" + keyA, "-token", "--help"} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		cmd := exec.CommandContext(ctx, path, given)
		cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		cancel()
		if err == nil || !strings.Contains(string(out), "unknown verb") {
			t.Errorf("%.10s…: %v\n%s", given, err, out)
		}
	}
}

// TestThreat09OpenPorts: the running program listens where its settings say and nowhere else, and serves neither its memory nor its
// variables.
func TestThreat09OpenPorts(t *testing.T) {
	t.Parallel()
	metrics := berth(t)
	r := newRig(t, dialed(t, "redis://"+miniredis.RunT(t).Addr(), ""), map[string]string{"METRICS_ADDR": metrics})
	open, told := listening(t, r.cmd.Process.Pid), false
	if !slices.Contains(open, r.addr) {
		t.Fatalf("the search does not find %s, only %v: it proves nothing", r.addr, open)
	}
	for _, addr := range open {
		if addr != r.addr && addr != metrics {
			t.Errorf("the program also listens on %s", addr)
		}
		for _, page := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/debug/requests", "/", "/metrics"} {
			resp, err := http.Get("http://" + addr + page) //nolint:noctx,gosec // our own program
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if page == "/metrics" {
				told = told || addr == metrics && closedLabels(t, resp.StatusCode, string(body))
				continue
			}
			if resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMethodNotAllowed || strings.Contains(string(body), "goroutine") {
				t.Errorf("%s answers %s with %d", addr, page, resp.StatusCode)
			}
		}
	}
	if !told {
		t.Error("nobody tells metrics at METRICS_ADDR")
	}
}

// closedLabels tells whether these are the metrics of a shop, and complains about labels that hold an id or a text.
func closedLabels(t *testing.T, status int, text string) bool {
	t.Helper()
	for _, pair := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if name, value := pair[1], pair[2]; name != "le" && name != "quantile" && name != "version" && !regexp.MustCompile(`^[a-z_]{1,40}$|^[A-Z]{3}$`).MatchString(value) {
			t.Errorf("label %s holds %q", name, value)
		}
	}
	return status == http.StatusOK && strings.Contains(text, "cardrop_orders_open 0") && strings.Contains(text, "cardrop_redis_seconds_count{")
}

// listening lists the TCP addresses on which a process listens.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	sockets := map[string]bool{}
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil {
			sockets[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] = true
		}
	}
	var found []string
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(text), "\n")[1:] {
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != "0A" || !sockets[f[9]] {
				continue
			}
			host, port, _ := strings.Cut(f[1], ":")
			raw, err := hex.DecodeString(host)
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i+4 <= len(raw); i += 4 { // each word is in the order of the machine
				slices.Reverse(raw[i : i+4])
			}
			number, err := strconv.ParseUint(port, 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, net.JoinHostPort(net.IP(raw).String(), strconv.FormatUint(number, 10)))
		}
	}
	return found
}
