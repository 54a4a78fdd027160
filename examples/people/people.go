// Package people owns the people of the ExampleCo Timesheets scenario.
package people

import (
	"time"

	"example.com/scaffold/dev/tenant"
)

// Timesheets returns Erin, an employee, and Morgan, a manager, who may approve
// too.
func Timesheets() []tenant.Person {
	employee := []string{"read:timesheets", "create:timesheets", "delete:timesheets"}
	manager := append([]string{"approve:timesheets"}, employee...)
	updated := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	return []tenant.Person{
		{
			Subject: "auth0|erin", Email: "erin@exampleco.com", EmailVerified: true,
			Name: "Erin Field", Nickname: "erin", Picture: "https://exampleco.com/people/erin.png",
			UpdatedAt: updated, Roles: []string{"employee"}, Scopes: employee,
		},
		{
			Subject: "auth0|morgan", Email: "morgan@exampleco.com",
			Name: "Morgan Lake", Nickname: "morgan", Picture: "https://exampleco.com/people/morgan.png",
			UpdatedAt: updated, Roles: []string{"manager"}, Scopes: manager,
		},
	}
}
