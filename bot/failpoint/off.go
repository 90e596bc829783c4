//go:build !failpoint

package failpoint

import (
	"context"
	"time"
)

// Tagged tells whether the program was built with failpoints.
const Tagged = false

// Hook is nil: nothing is called.
func Hook(string) func(ctx context.Context, name string) error { return nil }

// Offset is nil: the clocks are right.
func Offset() func() time.Duration { return nil }
