//go:build linux || darwin

package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const canExchange = true

// inode returns the number that a file keeps under all its names.
func inode(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}

// attributes describes what the folder at path must not lose by being made
// anew: its owner, its file system and who else may use it.
func attributes(path string, info fs.FileInfo) string {
	var text strings.Builder
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		fmt.Fprint(&text, stat.Uid, stat.Gid, stat.Dev)
	}
	for _, name := range attributeNames {
		value := make([]byte, 64<<10) // as long as a value can be
		// An error says that there is none.
		if n, err := unix.Lgetxattr(path, name, value); err == nil {
			fmt.Fprintf(&text, " %s=%q", name, value[:n])
		}
	}
	return text.String()
}

// lock locks an open folder until it is closed, for one Apply at a time. It
// returns errBusy when another has it. Some network file systems cannot lock a
// folder: that is no error.
func lock(folder *os.File) error {
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return errBusy
	}
	return nil
}
