//go:build unix

package client

import (
	"io/fs"
	"syscall"
)

// ownedByOther reports whether a file belongs to anybody but this user.
func ownedByOther(info fs.FileInfo, uid int) bool {
	status, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int64(status.Uid) != int64(uid)
}
