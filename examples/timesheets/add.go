package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

func (p *program) newAdd() *cobra.Command {
	var date dateFlag
	var note string
	entry := timesheets.NewTimesheet{}
	cmd := &cobra.Command{
		Use:     "add PROJECT HOURS",
		Short:   "Add an entry",
		Example: "  " + commandName + " add Apollo 7.5 --note Kick-off",
		Args: func(cmd *cobra.Command, args []string) (err error) {
			if err := cobra.ExactArgs(2)(cmd, args); err != nil {
				return err
			}
			entry.Project = args[0]
			if entry.Hours, err = strconv.ParseFloat(args[1], 64); err != nil {
				return fmt.Errorf("%q is not a number of hours, like 7.5", args[1])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			entry.Date = timesheets.DateOf(time.Now())
			if date.date != nil {
				entry.Date = *date.date
			}
			if note != "" {
				entry.Note = &note
			}
			return p.call(cmd.Context(), "Adding", func(s *timesheets.Session) error {
				added, err := s.CreateTimesheet(cmd.Context(), entry)
				if err != nil {
					return err
				}
				if p.json {
					return p.printJSON(added)
				}
				return p.printf("Added %d: %s hours for %s on %s (%s).\n",
					added.ID, hours(added.Hours), printable(added.Project), added.Date, printable(string(added.Status)))
			})
		},
	}
	cmd.Flags().Var(&date, "date", "the `DATE` of the work, like 2026-03-31 (default today)")
	cmd.Flags().StringVar(&note, "note", "", "a `TEXT` about the work")
	return cmd
}
