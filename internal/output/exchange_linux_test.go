package output

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// A folder that was given an access control list must not lose it.
func TestAccessListIsKept(t *testing.T) {
	dir := sharedFolder(t)
	// acl(5) as the kernel has it: version 2, then owner, group, others.
	list := []byte{2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 4, 0, 5, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255}
	if err := unix.Lsetxattr(dir, "system.posix_acl_default", list, 0); err != nil {
		t.Logf("there are no access control lists here: %v", err)
		list = nil
	}
	var steps []string
	must(t, newPlan(t, dir, versions[1]).apply(faulty("", 1000, false, &steps)))
	if whole := slices.Contains(steps, "exchange package"); whole != (list == nil) {
		t.Errorf("replaced as a whole: %v", whole)
	}
	found := make([]byte, 100)
	if n, err := unix.Lgetxattr(dir, "system.posix_acl_default", found); list != nil && (err != nil || string(found[:n]) != string(list)) {
		t.Errorf("the list is %v, %v", found[:n], err)
	}
}
