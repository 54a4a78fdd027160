package generate

import "testing"

func TestPaint(t *testing.T) {
	const diff = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n same\n--- was\n+++ is\n\\ No newline at end of file\n"
	const want = "\x1b[1mdiff --git a/a b/a\x1b[m\n\x1b[1m--- a/a\x1b[m\n\x1b[1m+++ b/a\x1b[m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[m\n same\n" +
		"\x1b[31m--- was\x1b[m\n\x1b[32m+++ is\x1b[m\n\\ No newline at end of file\n"
	if got := paint(diff, true); got != want {
		t.Errorf("%q", got)
	}
	if got := paint(diff, false); got != diff {
		t.Errorf("%q", got)
	}
}
