package main

import (
	"io"
	"os"
)

// wantsColours reports whether what is printed to w is shown by a terminal that
// has colours, to a person who has not turned them off (https://no-color.org).
func wantsColours(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
