//go:build failpoint

package failpoint

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// ErrInjected is what mode err returns.
var ErrInjected = errors.New("failpoint")

// Hook reads a plan such as "store.settle.before:1:kill" and returns what is called at every point. A part that is no
// name:n:mode is left out.
func Hook(plan string) func(ctx context.Context, name string) error {
	type act struct {
		at   int
		mode string
	}
	acts := map[string]act{}
	for _, part := range strings.Split(plan, ",") {
		if f := strings.Split(part, ":"); len(f) == 3 {
			if n, err := strconv.Atoi(f[1]); err == nil {
				acts[f[0]] = act{n, f[2]}
			}
		}
	}
	var mu sync.Mutex
	hits := map[string]int{}
	return func(_ context.Context, name string) error {
		mu.Lock()
		hits[name]++
		a, ok := acts[name]
		hit := ok && hits[name] == a.at
		mu.Unlock()
		if !hit {
			return nil
		}
		switch a.mode {
		case "kill":
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		case "stop":
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
			return nil
		case "panic":
			panic("failpoint " + name)
		default:
			return ErrInjected
		}
	}
}
