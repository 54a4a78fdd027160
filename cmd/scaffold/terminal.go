package main

import "os"

// isTerminal reports whether a stream is a terminal, so that somebody may be
// there to read colours and answer questions. The null device looks like one.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// wantsColour is isTerminal, unless the user wants none (no-color.org).
func wantsColour(stream any) bool {
	return os.Getenv("NO_COLOR") == "" && isTerminal(stream)
}
