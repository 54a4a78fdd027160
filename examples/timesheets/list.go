package main

import (
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

func (p *program) newList() *cobra.Command {
	var from, to dateFlag
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List timesheets",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.call(cmd.Context(), "Listing", func(s *timesheets.Session) error {
				entries, err := s.ListTimesheets(cmd.Context(), timesheets.ListTimesheetsParams{From: from.date, To: to.date})
				if err != nil {
					return err
				}
				return p.printEntries(s.User().Subject, entries)
			})
		},
	}
	cmd.Flags().Var(&from, "from", "from this `DATE` on, like 2026-03-31")
	cmd.Flags().Var(&to, "to", "up to this `DATE`")
	return cmd
}

// printEntries prints a table; whose the entries are is a column if some are not
// the user's own.
func (p *program) printEntries(user string, entries []timesheets.Timesheet) error {
	if p.json {
		return p.printJSON(entries)
	}
	if len(entries) == 0 {
		return p.printf("There are no timesheets.\n")
	}
	others := slices.ContainsFunc(entries, func(e timesheets.Timesheet) bool { return e.UserID != user })
	rows := [][]string{{"ID", "DATE", "HOURS", "PROJECT", "STATUS", "NOTE"}}
	if others {
		rows[0] = append(rows[0], "USER")
	}
	sum := 0.0
	for _, e := range entries {
		row := []string{strconv.FormatInt(e.ID, 10), e.Date.String(), hours(e.Hours), e.Project, string(e.Status), ""}
		if e.Note != nil {
			row[5] = *e.Note
		}
		if others {
			row = append(row, e.UserID)
		}
		rows = append(rows, row)
		sum += e.Hours
	}
	rows = append(rows, []string{"", "", hours(sum)})
	return p.printTable(rows)
}

func hours(h float64) string { return strconv.FormatFloat(h, 'f', -1, 64) }
