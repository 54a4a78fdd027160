package output

import (
	"os"

	"golang.org/x/sys/unix"
)

// swapFolders lets two folders change places, in one step.
func swapFolders(parent *os.File, one, other string) error {
	return unix.RenameatxNp(int(parent.Fd()), one, int(parent.Fd()), other, unix.RENAME_SWAP)
}

// moveFolder renames a folder, and fails when the new name is taken.
func moveFolder(parent *os.File, from, to string) error {
	return unix.RenameatxNp(int(parent.Fd()), from, int(parent.Fd()), to, unix.RENAME_EXCL)
}

// attributeNames has none: access control lists are no extended attributes here.
var attributeNames []string
