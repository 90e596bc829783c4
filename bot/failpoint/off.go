//go:build !failpoint

package failpoint

import "context"

// Hook is nil: nothing is called.
func Hook(string) func(ctx context.Context, name string) error { return nil }
