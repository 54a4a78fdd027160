package main

import (
	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

func (p *program) newDelete() *cobra.Command {
	var id int64
	return &cobra.Command{
		Use:   "delete ID",
		Short: "Delete an entry",
		Args:  idArgument(&id),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.call(cmd.Context(), "Deleting", func(s *timesheets.Session) error {
				if err := s.DeleteTimesheet(cmd.Context(), id); err != nil {
					return err
				}
				if p.json {
					return p.printJSON(map[string]int64{"deleted": id})
				}
				return p.printf("Deleted %d.\n", id)
			})
		},
	}
}
