package main

import (
	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

func (p *program) newApprove() *cobra.Command {
	var id int64
	return &cobra.Command{
		Use:   "approve ID",
		Short: "Approve an entry of your team",
		Args:  idArgument(&id),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.call(cmd.Context(), "Approving", func(s *timesheets.Session) error {
				approved, err := s.ApproveTimesheet(cmd.Context(), id)
				if err != nil {
					return err
				}
				if p.json {
					return p.printJSON(approved)
				}
				return p.printf("Approved %d: %s hours of %s for %s on %s.\n",
					approved.ID, hours(approved.Hours), printable(approved.UserID), printable(approved.Project), approved.Date)
			})
		},
	}
}
