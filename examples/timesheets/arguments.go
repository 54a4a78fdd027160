package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

// dateFlag is a flag that holds a date; nil: it was not given.
type dateFlag struct{ date *timesheets.Date }

// String implements pflag.Value.
func (f *dateFlag) String() string {
	if f.date == nil {
		return ""
	}
	return f.date.String()
}

// Set implements pflag.Value.
func (f *dateFlag) Set(text string) error {
	date, err := timesheets.ParseDate(text)
	if err != nil {
		return err
	}
	f.date = &date
	return nil
}

// Type implements pflag.Value.
func (f *dateFlag) Type() string { return "date" }

// idArgument takes one argument, the number of an entry.
func idArgument(id *int64) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) (err error) {
		if err := cobra.ExactArgs(1)(cmd, args); err != nil {
			return err
		}
		if *id, err = strconv.ParseInt(args[0], 10, 64); err != nil {
			return fmt.Errorf("%q is not the ID of an entry, which is a number", args[0])
		}
		return nil
	}
}
