package pages_test

import (
	"fmt"
	"net/http"
	"strings"

	"example.com/scaffold/dev/pages"
)

// shown is a page as the tenant may have to show it.
type shown struct {
	name string
	show func(http.ResponseWriter)
}

var (
	ada   = pages.Person{Email: "ada@example.com", Name: "Ada Lovelace", Roles: []string{"manager"}}
	erin  = pages.Person{Email: "erin@example.com", Name: "Erin Park", Roles: []string{"employee"}}
	grace = pages.Person{Email: "grace@example.com", Name: "Grace Hopper", Roles: []string{"employee", "auditor"}}
)

var id = []pages.Field{{Name: "id", Value: "7"}}

// allPages are the pages, and what bends them: long words, other scripts, many
// of everything, and nothing at all.
func allPages() []shown {
	login := pages.LoginView{Action: "/login", Fields: id, App: "timesheets", People: []pages.Person{ada, erin, grace}}
	consent := pages.ConsentView{Action: "/consent", Fields: id, App: "timesheets", Person: ada, Scopes: []pages.Scope{
		{Name: "openid", Required: true, Checked: true}, {Name: "profile", Checked: true}, {Name: "offline_access", Checked: true},
		{Name: "read:timesheets", Description: "Read your own timesheets", Checked: true},
		{Name: "create:timesheets", Description: "Add an entry", Checked: true},
		{Name: "approve:timesheets", Description: "Approve the timesheets of your team"},
	}}
	return append(oddPages(login, consent),
		shown{"login", func(w http.ResponseWriter) { pages.Login(w, login) }},
		shown{"consent", func(w http.ResponseWriter) { pages.Consent(w, consent) }},
		shown{"device", func(w http.ResponseWriter) { pages.Device(w, pages.DeviceView{Action: "/device"}) }},
		shown{"device-problem", func(w http.ResponseWriter) {
			pages.Device(w, pages.DeviceView{Status: 400, Action: "/device", Code: "BCDF-GHJK", Problem: "No device waits with this code. It may have expired."})
		}},
		shown{"end", func(w http.ResponseWriter) {
			pages.End(w, "Your device is signed in", "You can close this window and go back to it.")
		}},
		shown{"declined", func(w http.ResponseWriter) {
			pages.Declined(w, "Your device is not signed in", "You declined its request. You can close this window.")
		}},
		shown{"problem", func(w http.ResponseWriter) {
			pages.Problem(w, 400, "This sign-in has ended", "Go back to the application and start again.")
		}},
	)
}

func oddPages(login pages.LoginView, consent pages.ConsentView) []shown {
	password := login
	password.Status, password.Password, password.Email = 401, true, erin.Email
	password.Problem = "That is not the password of erin@example.com."
	empty := pages.LoginView{Action: "/login", Code: "BCDF-GHJK"}
	odd := login
	odd.App = strings.Repeat("q2hnj2iuPZ4X", 6)
	odd.People = []pages.Person{
		{Email: "layla@example.com", Name: "ليلى الأحمد", Roles: []string{"مدير", "employee"}},
		{Email: strings.Repeat("very.long.", 6) + "@subdomain.example.com", Name: "Wolfeschlegelsteinhausenbergerdorff Hubert Blaine the Second of His Name", Roles: []string{"regional-manager-emea", "auditor", "timesheet-approver", "x"}},
		{Email: "nobody@example.com"},
		{Email: "x@example.com", Name: `<b>"Robert'); DROP</b>`, Roles: []string{"<i>"}},
		{Email: "li@example.com", Name: "李小龍"}, {Email: "o@example.com", Name: "Ólafur Ægisson"}, {Email: "e@example.com", Name: "🙂"},
	}
	for i := range 8 {
		odd.People = append(odd.People, pages.Person{Email: fmt.Sprintf("p%d@example.com", i), Name: fmt.Sprintf("Person %c", 'A'+i)})
	}
	many := consent
	many.App, many.Person, many.Code = odd.App, odd.People[1], "BCDF-GHJK"
	many.Scopes = []pages.Scope{{Name: strings.Repeat("https://api.example.com/", 5), Checked: true}, {Name: "rtl:مرحبا", Description: "قراءة الجداول الزمنية", Checked: true},
		{Name: "long", Description: strings.Repeat("Change whatever there is to change in the timesheets of others. ", 4)}}
	for i := range 18 {
		many.Scopes = append(many.Scopes, pages.Scope{Name: fmt.Sprintf("scope:%d", i), Checked: i%2 == 0, Required: i%5 == 0})
	}
	return []shown{
		{"login-password", func(w http.ResponseWriter) { pages.Login(w, password) }},
		{"login-empty", func(w http.ResponseWriter) { pages.Login(w, empty) }},
		{"login-odd", func(w http.ResponseWriter) { pages.Login(w, odd) }},
		{"consent-odd", func(w http.ResponseWriter) { pages.Consent(w, many) }},
		{"consent-empty", func(w http.ResponseWriter) { pages.Consent(w, pages.ConsentView{Action: "/consent"}) }},
	}
}
