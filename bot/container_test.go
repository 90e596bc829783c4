package main

import (
	"bytes"
	"context"
	"debug/elf"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cardrop/bot/demo"
)

// imageBinary builds the program by the Dockerfile's own command.
func imageBinary(t *testing.T) string {
	t.Helper()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("the image's binary is built and run on Linux only, and not in short tests")
	}
	command := regexp.MustCompile(`CGO_ENABLED=0 go build [^&]*-o /cardrop \./bot`).FindString(texts(t)["Dockerfile"])
	if command == "" {
		t.Fatal("the Dockerfile does not build a static binary of ./bot")
	}
	binary := filepath.Join(t.TempDir(), "cardrop")
	build := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(command, "/cardrop", binary, 1))
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build as the Dockerfile does: %v\n%s", err, out)
	}
	return binary
}

// TestThreat44Image tries the binary that goes into the image, without an engine.
func TestThreat44Image(t *testing.T) {
	t.Parallel()
	binary := imageBinary(t)
	for name, try := range map[string]func(t *testing.T, c cell){
		"static":           static,
		"healthcheck verb": asksHealth,
		"without settings": namesSettings,
		"runs the shop":    runsShop,
	} {
		t.Run(name, func(t *testing.T) {
			c := cell{binary: binary, work: t.TempDir(), data: t.TempDir()}
			try(t, c)
			c.untouched(t)
		})
	}
}

// cell is a place to run the image's binary in: a folder that has to stay empty, and DATA_DIR.
type cell struct {
	binary, work, data string
}

// run prepares the binary as the container starts it: an empty environment but for these settings.
func (c cell) run(ctx context.Context, settings map[string]string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.binary, args...)
	cmd.Dir = c.work
	cmd.Env = []string{"HOME=" + c.work, "TMPDIR=" + c.work, "DATA_DIR=" + c.data, "GOTRACEBACK=single"}
	for name, value := range settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// untouched fails the test when something was written beside DATA_DIR.
func (c cell) untouched(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(c.work)
	if err != nil || len(entries) > 0 {
		t.Errorf("written beside DATA_DIR: %v, %v", entries, err)
	}
}

func static(t *testing.T, c cell) {
	f, err := elf.Open(c.binary)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary asks for a dynamic linker, which the image does not have")
		}
	}
	if libraries, err := f.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the binary needs libraries: %v, %v", libraries, err)
	}
	shell, err := elf.Open("/bin/sh") // the control: a program that is linked with C
	if err != nil {
		t.Skip("no /bin/sh to compare with")
	}
	defer func() { _ = shell.Close() }()
	libraries, _ := shell.ImportedLibraries()
	dynamic := slices.ContainsFunc(shell.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
	if dynamic != (len(libraries) > 0) {
		t.Errorf("a dynamic program is not recognized: %v, %v", dynamic, libraries)
	}
}

func asksHealth(t *testing.T, c cell) {
	var status atomic.Int32
	status.Store(http.StatusOK)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(int(status.Load())) }))
	defer server.Close()
	settings := map[string]string{"LISTEN_ADDR": server.Listener.Addr().String()}
	verb := regexp.MustCompile(`HEALTHCHECK .*CMD \["/cardrop", "(\w+)"\]`).FindStringSubmatch(texts(t)["Dockerfile"])
	if verb == nil {
		t.Fatal("the Dockerfile's HEALTHCHECK does not ask the binary")
	}
	if out, err := c.run(t.Context(), settings, verb[1]).CombinedOutput(); err != nil {
		t.Errorf("a well program: %v\n%s", err, out)
	}
	status.Store(http.StatusServiceUnavailable)
	cmd := c.run(t.Context(), settings, verb[1])
	if out, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("an ill program: %v\n%s", err, out)
	}
}

func namesSettings(t *testing.T, c cell) {
	cmd := c.run(t.Context(), nil)
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit code is %d", code)
	}
	for _, s := range settings() {
		if s.required && !strings.Contains(string(out), s.name+": missing") {
			t.Errorf("%s is not named as missing:\n%s", s.name, out)
		}
	}
	if !strings.Contains(string(out), "go run ./bot demo") {
		t.Errorf("the demo is not named:\n%s", out)
	}
}

// runsShop starts the binary as the container does, until it is well, and ends it by the container's signal.
func runsShop(t *testing.T, c cell) {
	world, err := demo.Open(t.Context(), demo.WorldOptions{Redis: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- world.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	settings := world.Settings()
	settings["LISTEN_ADDR"] = berth(t)
	var log bytes.Buffer
	shop := c.run(ctx, settings)
	shop.Stdout, shop.Stderr = &log, &log
	if err := shop.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- shop.Wait() }()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		out, err := c.run(ctx, settings, "healthcheck").CombinedOutput()
		if err == nil {
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("the shop ended: %v\n%s", err, log.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("the shop is not well: %s", out)
		}
	}
	if err := shop.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the shop does not end well: %v\n%s", err, log.String())
		}
	case <-time.After(patience):
		_ = shop.Process.Kill()
		t.Error("the shop does not end at SIGTERM")
	}
}

// brokenImage lists what a Dockerfile does not promise.
func brokenImage(text string) []string {
	var wrong []string
	is := func(ok bool, what string) {
		if !ok {
			wrong = append(wrong, what)
		}
	}
	stages := strings.Split(text, "\nFROM ")
	last := stages[len(stages)-1]
	is(strings.HasPrefix(last, "gcr.io/distroless/static-debian12:nonroot\n"), "the image has a shell")
	is(regexp.MustCompile(`(?m)^USER nonroot:nonroot$`).MatchString(last), "the image runs as root")
	is(!regexp.MustCompile(`(?m)^RUN `).MatchString(last), "the last stage runs commands")
	for _, m := range regexp.MustCompile(`(?m)^(?:ENTRYPOINT|CMD|HEALTHCHECK .*CMD) (.*)$`).FindAllStringSubmatch(last, -1) {
		is(strings.HasPrefix(m[1], "["), "a shell is needed for "+m[1])
	}
	is(strings.Contains(last, `ENTRYPOINT ["/cardrop"]`), "the entry point is not the binary")
	is(strings.Contains(last, "ENV DATA_DIR=/data"), "DATA_DIR is not /data")
	is(strings.Contains(last, `VOLUME ["/data"]`), "/data is no volume")
	is(strings.Contains(text, "-trimpath"), "paths of the build stay in the binary")
	is(!regexp.MustCompile(`(?m)^ARG `).MatchString(text), "build arguments stay in the image's history")
	for _, m := range regexp.MustCompile(`(?m)^ENV (.*)$`).FindAllStringSubmatch(text, -1) {
		for _, s := range settings() {
			is(!s.secret() || !strings.Contains(m[1], s.name), "the secret "+s.name+" stands in ENV")
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1) {
		is(regexp.MustCompile(`:[\w.-]+(@sha256:\w+)?$`).MatchString(m[1]) && !strings.HasSuffix(m[1], ":latest"), m[1]+" has no tag")
	}
	return wrong
}

func TestThreat44Dockerfile(t *testing.T) {
	text := texts(t)["Dockerfile"]
	for _, wrong := range brokenImage(text) {
		t.Error(wrong)
	}
	controls(t, text, brokenImage, [][2]string{
		{"USER nonroot:nonroot", "USER root"},
		{`ENTRYPOINT ["/cardrop"]`, "ENTRYPOINT /cardrop"},
		{`CMD ["/cardrop", "healthcheck"]`, "CMD /cardrop healthcheck"},
		{"static-debian12:nonroot", "base-debian12:debug"},
		{"golang:1.26-bookworm AS", "golang AS"},
		{"ENV DATA_DIR=/data", "ENV DATA_DIR=/data ENCRYPTION_KEY=1"},
		{"WORKDIR /src", "ARG TELEGRAM_BOT_TOKEN"},
		{"EXPOSE 8080", "RUN chmod 777 /"},
		{"-trimpath ", ""},
		{`VOLUME ["/data"]`, ""},
	})
}

// controls puts each defect into a text and expects it to be found.
func controls(t *testing.T, text string, find func(string) []string, defects [][2]string) {
	t.Helper()
	for _, d := range defects {
		bad := strings.Replace(text, d[0], d[1], 1)
		if bad == text {
			t.Errorf("%q does not stand there", d[0])
		} else if len(find(bad)) == 0 {
			t.Errorf("%q in place of %q is not seen", d[1], d[0])
		}
	}
}
