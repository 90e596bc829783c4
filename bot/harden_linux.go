package main

import "golang.org/x/sys/unix"

// harden keeps codes that are in memory out of core dumps and away from other processes of the same user. What the system does
// not allow is left as it is: the container's settings forbid it too.
func harden() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
