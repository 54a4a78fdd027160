package main

import (
	"strings"

	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

// profile is who is signed in, as JSON.
type profile struct {
	Subject string   `json:"subject"`
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	Tenant  string   `json:"tenant"`
	Granted []string `json:"granted"`
	May     []string `json:"may"`
	MayNot  []string `json:"may_not"`
}

// endpoints are what whoami tells about, by what people call it.
var endpoints = []struct {
	word     string
	endpoint timesheets.Endpoint
}{
	{"list", timesheets.ListTimesheets},
	{"add", timesheets.CreateTimesheet},
	{"delete", timesheets.DeleteTimesheet},
	{"approve", timesheets.ApproveTimesheet},
}

func profileOf(s *timesheets.Session) profile {
	user := s.User()
	p := profile{
		Subject: user.Subject, Name: user.Name, Email: user.Email, Tenant: user.Issuer,
		Granted: s.Granted(), May: []string{}, MayNot: []string{},
	}
	for _, e := range endpoints {
		if s.Can(e.endpoint) {
			p.May = append(p.May, e.word)
		} else {
			p.MayNot = append(p.MayNot, e.word)
		}
	}
	return p
}

func (p *program) newWhoami() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show who is signed in, and what they may do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, session, err := p.session(cmd.Context())
			if err != nil {
				return err
			}
			who := profileOf(session)
			if p.json {
				return p.printJSON(who)
			}
			rows := [][]string{
				{"Name", who.Name},
				{"E-mail", who.Email},
				{"Tenant", who.Tenant},
				{"You may", strings.Join(who.May, ", ")},
			}
			if len(who.MayNot) > 0 {
				rows = append(rows, []string{"On request", strings.Join(who.MayNot, ", ")})
			}
			return p.printTable(rows)
		},
	}
}
