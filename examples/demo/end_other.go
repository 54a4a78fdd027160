//go:build !unix

package main

import "os/exec"

// endAll has a command whose context ends be killed.
func endAll(cmd *exec.Cmd) { cmd.WaitDelay = grace }
