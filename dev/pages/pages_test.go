package pages_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"example.com/scaffold/dev/pages"
)

// reply is what a browser gets.
func reply(show func(http.ResponseWriter)) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	show(w)
	return w
}

func TestEveryPage(t *testing.T) {
	for _, page := range allPages() {
		t.Run(page.name, func(t *testing.T) {
			w := reply(page.show)
			body := w.Body.String()
			for name, want := range map[string]string{
				"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
				"X-Content-Type-Options": "nosniff", "Content-Length": fmt.Sprint(len(body)),
				"Content-Security-Policy": "default-src 'none'; style-src 'sha256-" + styleHash(t, body) + "'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			if found := regexp.MustCompile(`(?i)<script|javascript:|\son\w+=|\sstyle=|url\(|@import|https?://[^/]*["')]`).FindString(body); found != "" {
				t.Errorf("the page holds %s", found)
			}
			for _, want := range []string{`<html lang="en">`, `<meta name="viewport" content="width=device-width, initial-scale=1">`,
				`<meta name="color-scheme" content="light dark">`, "<main>", "Local tenant for development"} {
				if strings.Count(body, want) != 1 {
					t.Errorf("the page lacks %s, or has it twice", want)
				}
			}
			if strings.Count(body, "<h1") != 1 || strings.Count(body, " autofocus") > 1 {
				t.Errorf("not one heading, or several fields have the focus: %s", body)
			}
			checkLabels(t, body)
		})
	}
}

// styleHash is of the page's only style sheet.
func styleHash(t *testing.T, body string) string {
	t.Helper()
	styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(body, -1)
	if len(styles) != 1 {
		t.Fatalf("%d style sheets", len(styles))
	}
	hash := sha256.Sum256([]byte(styles[0][1]))
	return base64.StdEncoding.EncodeToString(hash[:])
}

// checkLabels sees that whatever can be filled in has a label.
func checkLabels(t *testing.T, body string) {
	t.Helper()
	root := parse(t, body)
	labelled := map[string]bool{}
	for node := range root.Descendants() {
		if node.Data == "label" {
			labelled[attribute(node, "for")] = true
		}
	}
	for node := range root.Descendants() {
		if node.Data != "input" || attribute(node, "type") == "hidden" {
			continue
		}
		if inLabel := node.Parent.Data == "label"; !inLabel && !labelled[attribute(node, "id")] {
			t.Errorf("the field %s has no label", attribute(node, "name"))
		}
	}
}

func parse(t *testing.T, body string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// forms is what each form of a page sends when nothing is changed, its buttons
// in brackets, one form a line.
func forms(t *testing.T, body string) string {
	t.Helper()
	var lines []string
	for node := range parse(t, body).Descendants() {
		if node.Type != html.ElementNode || node.Data != "form" {
			continue
		}
		line := attribute(node, "method") + " " + attribute(node, "action")
		for field := range node.Descendants() {
			_, checked := find(field, "checked")
			_, disabled := find(field, "disabled")
			pair := " " + attribute(field, "name") + "=" + attribute(field, "value")
			switch {
			case field.Data == "button":
				line += " [" + strings.TrimPrefix(pair, " ") + "]"
			case field.Data == "input" && !disabled && (attribute(field, "type") != "checkbox" || checked):
				line += pair
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func find(node *html.Node, name string) (string, bool) {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func TestForms(t *testing.T) {
	fields := []pages.Field{{Name: "id", Value: "7"}, {Name: "csrf", Value: `"&<>`}}
	for _, test := range []struct {
		name string
		show func(http.ResponseWriter)
		want string
	}{
		{"one press of a person's button signs in, or an address", func(w http.ResponseWriter) {
			pages.Login(w, pages.LoginView{Action: "/login", Fields: fields, People: []pages.Person{ada, erin}})
		}, `post /login id=7 csrf="&<> action=allow [email=ada@example.com] [email=erin@example.com]
post /login id=7 csrf="&<> email= [action=allow] [action=deny]`},
		{"a password is asked for beside the address that is known", func(w http.ResponseWriter) {
			pages.Login(w, pages.LoginView{Action: "/login", Email: "eve@example.com", Password: true})
		}, "post /login email=eve@example.com password= [action=allow] [action=deny]"},
		{"a required scope is sent, a declined one is not", func(w http.ResponseWriter) {
			pages.Consent(w, pages.ConsentView{Action: "/consent", Fields: fields, Scopes: []pages.Scope{
				{Name: "openid", Required: true}, {Name: "profile", Required: true, Checked: true}, {Name: "email", Checked: true}, {Name: "phone"}}})
		}, `post /consent id=7 csrf="&<> scope=openid scope=profile scope=email [action=allow] [action=deny]`},
		{"the code of a device goes into the address", func(w http.ResponseWriter) {
			pages.Device(w, pages.DeviceView{Action: "/device", Fields: fields, Code: "BCDF"})
		}, ` /device id=7 csrf="&<> user_code=BCDF [=]`},
		{"an end has nothing to send", func(w http.ResponseWriter) { pages.End(w, "Signed out", "") }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := forms(t, reply(test.show).Body.String()); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestWhatIsSaid(t *testing.T) {
	evil := `<img src=x onerror=y>"'&`
	escaped := "&lt;img src=x onerror=y&gt;&#34;&#39;&amp;"
	for _, test := range []struct {
		name   string
		show   func(http.ResponseWriter)
		status int
		want   []string
	}{
		{"the application, people and their roles", func(w http.ResponseWriter) {
			pages.Login(w, pages.LoginView{App: "timesheets", People: []pages.Person{grace, {Email: "x@example.com"}}})
		}, 200, []string{"Sign in to <bdi>timesheets</bdi>", ">GH</span>", "Grace Hopper", "grace@example.com", "employee", "auditor", ">X</span>"}},
		{"why the last try failed, at the field and as an alert", func(w http.ResponseWriter) {
			pages.Login(w, pages.LoginView{Status: 401, Problem: evil})
		}, 401, []string{`role="alert">` + escaped + "</p>", `autofocus aria-invalid="true" aria-describedby="problem"`}},
		{"a scope's description, and that of a standard one that has none", func(w http.ResponseWriter) {
			pages.Consent(w, pages.ConsentView{App: evil, Person: ada, Scopes: []pages.Scope{
				{Name: "read:x", Description: evil}, {Name: "openid", Required: true}, {Name: "email", Description: "Write to you"}, {Name: "bare"}}})
		}, 200, []string{"<bdi>" + escaped + "</bdi> asks", "Ada Lovelace", "ada@example.com", `<bdi class="name">` + escaped + "</bdi> <code>read:x</code>",
			"Know who you are", "Required", "Write to you", `<code class="name">bare</code>`}},
		{"the code that the device must show too", func(w http.ResponseWriter) {
			pages.Consent(w, pages.ConsentView{Code: "BCDF-GHJK"})
		}, 200, []string{"Your device must show this code: <strong>BCDF-GHJK</strong>"}},
		{"an unknown code", func(w http.ResponseWriter) {
			pages.Device(w, pages.DeviceView{Status: 400, Problem: "No device waits."})
		}, 400, []string{`role="alert">No device waits.`}},
		{"an end", func(w http.ResponseWriter) { pages.End(w, "Signed out", evil) }, 200, []string{"<title>Signed out · Local tenant</title>", escaped, "mark done"}},
		{"a refusal", func(w http.ResponseWriter) { pages.Declined(w, "Declined", evil) }, 200, []string{"<h1>Declined</h1>", escaped, "mark declined"}},
		{"a problem", func(w http.ResponseWriter) { pages.Problem(w, 404, "Gone", evil) }, 404, []string{"<h1>Gone</h1>", `role="alert">` + escaped, "mark problem"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := reply(test.show)
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			for _, want := range test.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("the page lacks %s: %s", want, w.Body)
				}
			}
		})
	}
}

func TestFirstFocus(t *testing.T) {
	people := []pages.Person{ada, erin}
	for _, test := range []struct {
		name string
		view pages.LoginView
		want string // name and value of what has the focus
	}{
		{"on the first person, so that Enter is enough", pages.LoginView{People: people}, "email=ada@example.com"},
		{"on the person whom the application named", pages.LoginView{People: people, Email: "Erin@example.com"}, "email=erin@example.com"},
		{"on the address of someone unknown", pages.LoginView{People: people, Email: "eve@example.com"}, "email=eve@example.com"},
		{"on the address when there is nobody to choose", pages.LoginView{}, "email="},
		{"on the address after a problem", pages.LoginView{People: people, Problem: "No."}, "email="},
		{"on the password when the address is known", pages.LoginView{People: people, Email: erin.Email, Password: true}, "password="},
		{"on the first person although others have passwords", pages.LoginView{People: people, Password: true}, "email=ada@example.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := reply(func(w http.ResponseWriter) { pages.Login(w, test.view) }).Body.String()
			var got []string
			for node := range parse(t, body).Descendants() {
				if _, has := find(node, "autofocus"); has {
					got = append(got, attribute(node, "name")+"="+attribute(node, "value"))
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("the focus is on %q, want %q", got, test.want)
			}
		})
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Ada Lovelace": "AL", "ada lovelace": "AL", "Ada King, Countess of Lovelace": "AL", "Ada": "A", "李小龍": "李", "ليلى الأحمد": "ل",
		"Ólafur Ægisson": "ÓÆ", "(Robert')": "R", "🙂": "?", "": "E",
	} {
		body := reply(func(w http.ResponseWriter) {
			pages.Consent(w, pages.ConsentView{Person: pages.Person{Name: name, Email: "eve@example.com"}})
		}).Body.String()
		if !strings.Contains(body, `aria-hidden="true">`+want+"</span></div>") {
			t.Errorf("%q is not %s", name, want)
		}
	}
}
