//go:build failpoint

package failpoint

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Tagged tells whether the program was built with failpoints.
const Tagged = true

// ErrInjected is what mode err returns.
var ErrInjected = errors.New("failpoint")

// stopping is longer than a stop takes to reach every thread.
const stopping = 200 * time.Millisecond

// act is what happens at a point.
type act struct {
	at   int // the time it is reached at
	mode string
}

// Hook reads a plan such as "store.settle.before:1:kill" and returns what is called at every point. A part that is no
// name:n:mode is left out.
func Hook(plan string) func(ctx context.Context, name string) error {
	acts := map[string]act{}
	for part := range strings.SplitSeq(plan, ",") {
		if f := strings.Split(part, ":"); len(f) == 3 {
			if n, err := strconv.Atoi(f[1]); err == nil {
				acts[f[0]] = act{n, f[2]}
			}
		}
	}
	armed, trace := os.Getenv("FAILPOINT_ARMED"), os.Getenv("FAILPOINT_TRACE") != ""
	var mu sync.Mutex
	hits, met := map[string]int{}, map[string]bool{}
	return func(_ context.Context, name string) error {
		mu.Lock()
		first := trace && !met[name]
		met[name] = true
		a, planned := acts[name]
		hit := false
		if planned && exists(armed) {
			hits[name]++
			hit = hits[name] == a.at
		}
		mu.Unlock()
		if first {
			fmt.Fprintln(os.Stderr, "failpoint reached "+name)
		}
		if !hit {
			return nil
		}
		fmt.Fprintln(os.Stderr, "failpoint acts "+name+" "+a.mode)
		return a.happen(name)
	}
}

// exists tells whether the plan is armed; no file named means always.
func exists(file string) bool {
	if file == "" {
		return true
	}
	_, err := os.Stat(file)
	return err == nil
}

func (a act) happen(name string) error {
	switch a.mode {
	case "kill":
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	case "stop":
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
		time.Sleep(stopping) // the signal may find another thread first
		return nil
	case "panic":
		panic(Canary + name)
	default:
		return ErrInjected
	}
}

// Offset returns how far the program's clocks are ahead, from the file named by FAILPOINT_OFFSET; nil when there is none.
func Offset() func() time.Duration {
	file := os.Getenv("FAILPOINT_OFFSET")
	if file == "" {
		return nil
	}
	return func() time.Duration {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0
		}
		d, err := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil {
			return 0
		}
		return d
	}
}
