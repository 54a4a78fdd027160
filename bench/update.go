package main

import (
	"fmt"
	"os"
	"strings"
)

// The tables of a Markdown file stand between these lines.
const (
	tablesStart = "<!-- Written by make bench. -->\n"
	tablesEnd   = "<!-- End of what make bench writes. -->\n"
)

// updateTables replaces the tables in a Markdown file.
func updateTables(path, tables string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("update the tables: %w", err)
	}
	before, rest, started := strings.Cut(string(text), tablesStart)
	_, after, ended := strings.Cut(rest, tablesEnd)
	if !started || !ended {
		return fmt.Errorf("update the tables: %s does not have the lines that they stand between", path)
	}
	if err := os.WriteFile(path, []byte(before+tablesStart+"\n"+tables+"\n"+tablesEnd+after), 0o644); err != nil {
		return fmt.Errorf("update the tables: %w", err)
	}
	return nil
}
