// Package pages renders what people see at the local tenant: whom to sign in
// as, what to allow, the code of a device, and where it all ended.
//
// The pages have no script and load nothing. Their look is style.css, which
// the callback page of a generated client resembles.
package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"sync"
)

// LoginView is the page that asks who signs in. A person's button and the form
// with the address both post email and action=allow to Action, the latter also
// password; the button that goes back posts action=deny.
type LoginView struct {
	Status   int     // 0: 200
	Action   string  // where the forms go
	Fields   []Field // sent along with each form
	App      string  // the application that asks
	Code     string  // of the device that asks, for the person to compare (RFC 8628 section 5.4)
	People   []Person
	Email    string // already known, such as from login_hint
	Problem  string // why the last try failed
	Password bool   // ask for one
}

// ConsentView is the page that asks what the application may do. It posts
// action (allow or deny) and a scope for each that stays allowed.
type ConsentView struct {
	Action string  // where the form goes
	Fields []Field // sent along
	App    string  // the application that asks
	Code   string  // of the device that asks, for the person to compare (RFC 8628 section 5.4)
	Person Person  // who has signed in
	Scopes []Scope
}

// DeviceView is the page that asks for the code that a device shows (RFC 8628
// section 3.3). It gets Action with the code in the query as user_code.
type DeviceView struct {
	Status  int     // 0: 200
	Action  string  // where the form goes
	Fields  []Field // sent along
	Code    string  // what was typed
	Problem string  // why the last try failed
}

// Field is a hidden field of a form.
type Field struct{ Name, Value string }

// Person is one who can sign in.
type Person struct {
	Email, Name string
	Roles       []string
}

// Scope is what an application asks for.
type Scope struct {
	Name        string
	Description string // for people; empty: that of a standard scope, if it is one
	Required    bool   // it cannot be declined, and is sent in any case
	Checked     bool   // allowed unless the person says otherwise
}

// Login asks who signs in.
func Login(w http.ResponseWriter, view LoginView) {
	write(w, view.Status, loginPage(), page{Title: "Sign in", View: view})
}

// Consent asks what the application may do.
func Consent(w http.ResponseWriter, view ConsentView) {
	write(w, http.StatusOK, consentPage(), page{Title: "Allow access", View: view})
}

// Device asks for the code that a device shows.
func Device(w http.ResponseWriter, view DeviceView) {
	write(w, view.Status, devicePage(), page{Title: "Connect a device", View: view})
}

// End tells that something was done, such as that a device is signed in.
func End(w http.ResponseWriter, title, text string) {
	write(w, http.StatusOK, noticePage(), page{Title: title, View: notice{Kind: "done", Title: title, Text: text}})
}

// Declined tells that nothing was done because the person did not want it.
func Declined(w http.ResponseWriter, title, text string) {
	write(w, http.StatusOK, noticePage(), page{Title: title, View: notice{Kind: "declined", Title: title, Text: text}})
}

// Problem tells why it does not go on.
func Problem(w http.ResponseWriter, status int, title, text string) {
	write(w, status, noticePage(), page{Title: title, View: notice{Kind: "problem", Title: title, Text: text}})
}

// notice is a page with nothing to fill in. The fields of what a template
// shows are exported because html/template reads no others.
type notice struct {
	Kind        string // done, declined or problem
	Title, Text string
}

// page is the frame around a view.
type page struct {
	Title string
	Style template.CSS
	View  any
}

//go:embed *.html style.css
var files embed.FS

//go:embed style.css
var style string

var (
	loginPage   = parse("login.html")
	consentPage = parse("consent.html")
	devicePage  = parse("device.html")
	noticePage  = parse("notice.html")
)

// parse returns the template of a page, which is parsed when it is first shown: the
// command scaffold has these pages, and most of its runs show none.
func parse(name string) func() *template.Template {
	return sync.OnceValue(func() *template.Template {
		return template.Must(template.New("frame.html").Funcs(template.FuncMap{
			"initials": initials, "hue": hue, "described": described, "focused": focused,
		}).ParseFS(files, "frame.html", name))
	})
}

func write(w http.ResponseWriter, status int, t *template.Template, p page) {
	p.Style = template.CSS(style)
	var text bytes.Buffer
	if err := t.Execute(&text, p); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if status == 0 {
		status = http.StatusOK
	}
	setHeaders(w.Header())
	w.Header().Set("Content-Length", strconv.Itoa(text.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // the browser may be gone
}

// setHeaders lets the page have its style sheet, its icon, and nothing else.
// There is no form-action: browsers apply it to the redirect that follows a
// form, and that goes to the application.
func setHeaders(header http.Header) {
	hash := sha256.Sum256([]byte(style))
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+
		base64.StdEncoding.EncodeToString(hash[:])+"'; img-src data:; base-uri 'none'; frame-ancestors 'none'")
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
}
