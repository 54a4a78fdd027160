package main

import (
	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

func (p *program) newLogout() *cobra.Command {
	var browser bool
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Sign out",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			app, err := p.newApp()
			if err != nil {
				return err
			}
			var options []timesheets.LogoutOption
			if browser {
				options = append(options, timesheets.EndBrowserSession(""))
			}
			// An error says what could not be done elsewhere; here it is done.
			err = app.Logout(cmd.Context(), options...)
			p.say("You are signed out on this machine.")
			return err
		},
	}
	cmd.Flags().BoolVar(&browser, "browser", false, "sign out in the browser, too, so that the next sign-in asks who you are")
	return cmd
}
