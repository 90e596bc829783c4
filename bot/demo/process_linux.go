package demo

import (
	"os/exec"
	"runtime"
	"syscall"
)

// tied runs a child process to its end, after telling started how its start went. The child gets no signals of the terminal (Ctrl-C is for the
// parent, which ends its children in order) and is killed by the system when the parent dies without a chance to do so. That rests on the
// thread that started it, so the thread is kept.
func tied(cmd *exec.Cmd, started chan<- error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err := cmd.Start()
	started <- err
	if err != nil {
		return err
	}
	return cmd.Wait()
}

// askToEnd lets a process end in its own time.
func askToEnd(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGTERM) }
