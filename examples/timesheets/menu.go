package main

import (
	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

// gate says whom a command is for.
type gate func(*timesheets.Session) bool

func anybody(*timesheets.Session) bool { return true }

func signedIn(s *timesheets.Session) bool { return s != nil }

// allowed is for who was granted what an endpoint needs.
func allowed(e timesheets.Endpoint) gate {
	return func(s *timesheets.Session) bool { return s.Can(e) }
}

// tryIt is for whoever has no tenant: the spec's own is made up.
const tryIt = `  scaffold dev examples/timesheets.yaml     # in another terminal: a tenant and an API to try it with
  timesheets --dev login`

// newRoot returns the command with its menu, which is its help.
func (p *program) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:               commandName,
		Short:             "Keep your ExampleCo timesheets",
		Example:           tryIt,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              cobra.NoArgs,
		PersistentPreRun:  func(*cobra.Command, []string) { p.began = true },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	flags.BoolVar(&p.dev, "dev", p.dev, "use the tenant and the API of scaffold dev on this machine (or set TIMESHEETS_DEV=1)")
	flags.StringVar(&p.issuer, "issuer", "", "use the tenant with this `URL`")
	flags.StringVar(&p.api, "api", "", "use the API at this `URL`")
	flags.StringVar(&p.profile, "profile", "default", "use the account with this `NAME`")
	flags.BoolVar(&p.json, "json", false, "print JSON for scripts, and never open a browser to ask for more access")

	p.gates = map[*cobra.Command]gate{
		p.newLogin():   anybody,
		p.newWhoami():  signedIn,
		p.newList():    allowed(timesheets.ListTimesheets),
		p.newAdd():     allowed(timesheets.CreateTimesheet),
		p.newDelete():  allowed(timesheets.DeleteTimesheet),
		p.newApprove(): allowed(timesheets.ApproveTimesheet),
		p.newLogout():  signedIn,
	}
	for command := range p.gates {
		root.AddCommand(command) // cobra sorts them
	}
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		p.hide(cmd)
		help(cmd, args)
	})
	return root
}

// hide leaves out of the menu what whoever is signed in may not do. A hidden
// command still runs: it asks for the access that it needs.
func (p *program) hide(cmd *cobra.Command) {
	var session *timesheets.Session // nil: nobody, who may do what a nil session may
	if app, err := p.newApp(); err == nil {
		session, _ = app.Session(cmd.Context()) // makes no request
	}
	for command, open := range p.gates {
		command.Hidden = !open(session)
	}
}
