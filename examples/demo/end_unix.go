//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// endAll has a command whose context ends be interrupted, with all that it has
// started: the go command leaves its compilers running.
func endAll(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = grace
}
