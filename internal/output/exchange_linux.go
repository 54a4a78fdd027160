package output

import (
	"os"

	"golang.org/x/sys/unix"
)

// swapFolders lets two folders change places, in one step.
func swapFolders(parent *os.File, one, other string) error {
	return unix.Renameat2(int(parent.Fd()), one, int(parent.Fd()), other, unix.RENAME_EXCHANGE)
}

// moveFolder renames a folder, and fails when the new name is taken.
func moveFolder(parent *os.File, from, to string) error {
	return unix.Renameat2(int(parent.Fd()), from, int(parent.Fd()), to, unix.RENAME_NOREPLACE)
}

// attributeNames are those that say who may use a folder and what is created in it.
var attributeNames = []string{"system.posix_acl_access", "system.posix_acl_default", "security.selinux"}
