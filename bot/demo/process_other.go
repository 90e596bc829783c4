//go:build !linux

package demo

import "os/exec"

// tied runs a child process to its end, after telling started how its start went.
func tied(cmd *exec.Cmd, started chan<- error) error {
	err := cmd.Start()
	started <- err
	if err != nil {
		return err
	}
	return cmd.Wait()
}

// askToEnd lets a process end in its own time: the shop reads the end of its input as that.
func askToEnd(*exec.Cmd) error { return nil }
