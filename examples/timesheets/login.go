package main

import (
	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

func (p *program) newLogin() *cobra.Command {
	var device bool
	var scopes []string
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in",
		Example: tryIt + `
  timesheets login --device                 # with the browser of a phone`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var options []timesheets.Option
			if device {
				options = append(options, timesheets.WithDeviceLogin(nil)) // prints the address and the code
			}
			app, err := p.newApp(options...)
			if err != nil {
				return err
			}
			if err := p.findDev(cmd.Context()); err != nil {
				return err
			}
			if !device {
				p.say("Sign in with your browser.")
			}
			session, err := app.Login(cmd.Context(), scopes...)
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(profileOf(session))
			}
			if err := p.printf("You are signed in as %s.\n", nameOf(session.User())); err != nil {
				return err
			}
			p.say("What you may do is shown by: %s", p.command("help"))
			return nil
		},
	}
	cmd.Flags().BoolVar(&device, "device", false, "sign in with a browser on another device, such as a phone")
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "ask for a `SCOPE` beside the usual ones, like approve:timesheets")
	return cmd
}
