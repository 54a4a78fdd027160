package model

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// docFile writes the package's documentation.
func (b *builder) docFile() Doc {
	f := b.spec
	first := "Package " + f.Package.Value + " signs people in at " + host(f.Tenant.Issuer())
	if len(f.Endpoints) > 0 {
		first += " and calls the API"
		if f.BaseURL.Value != "" {
			first += " at " + inline(f.BaseURL.Value)
		}
		first += " in their name"
	}
	paragraphs := slices.Concat(
		says(first+"."),
		says("An [App] is the application at one tenant, and a [Session] is the person who is signed in:"),
		b.snippet(),
		says("[App.Login] opens the system browser (OAuth 2.0 for Native Apps, RFC 8252) and proves with PKCE that the reply is "+
			"meant for it. Access tokens are renewed before they expire; when that is no longer possible, the error is "+
			"[ErrLoginRequired]. Only Login ever opens a browser, and Logout when "+
			"[EndBrowserSession] asks it to. A machine without a browser has [WithDeviceLogin] and [PasteRedirector], "+
			"and a mobile app [WithRedirector]."),
		b.endpointTable(),
		b.scopeTable(),
		says("# Credentials",
			"Credentials are kept between runs in a file that only the user can read, encrypted by a key in the system's keyring. "+
				"While no keyring can be used, as on a server, the file is not encrypted; a sign-in then says so on standard error, "+
				"and [App.StoreInfo] tells why. [WithStorePolicy] decides otherwise, and [WithStore] takes a store of your own.",
			"[WithProfile] keeps several accounts side by side. [App.Logout] forgets the credentials, and has the tenant revoke them.",
			"# Configuration",
			"[DefaultConfig] is what "+b.source()+" declares. For another tenant, such as one for tests, change a copy of it "+
				"and pass it to [WithConfig]."),
	)
	return Doc{Package: f.Package.Value, Comment: comment(paragraphs...)}
}

// snippet shows a sign-in and a call.
func (b *builder) snippet() []paragraph {
	pkg := b.spec.Package.Value
	lines := []string{
		"app, err := " + pkg + ".New()",
		"if err != nil {",
		"	return err",
		"}",
		"session, err := app.Session(ctx) // from stored credentials",
		"if errors.Is(err, " + pkg + ".ErrLoginRequired) {",
		"	session, err = app.Login(ctx) // in the browser",
		"}",
		"if err != nil {",
		"	return err",
		"}",
	}
	if call := b.firstCall(pkg + "."); call != nil {
		lines = append(lines, call.statement()+" session."+call.Name+"("+call.Arguments+")")
	} else {
		lines = append(lines, "fmt.Println(session.User().Subject)")
	}
	return verbatimLines(lines)
}

func verbatimLines(lines []string) []paragraph {
	list := make([]paragraph, len(lines))
	for i, line := range lines {
		list[i] = paragraph{kind: verbatim, text: line}
	}
	return list
}

// endpointTable lists the endpoints with what they need.
func (b *builder) endpointTable() []paragraph {
	if len(b.operations) == 0 {
		return nil
	}
	rows := make([][]string, len(b.operations))
	scoped := false
	for i, e := range b.operations {
		scoped = scoped || e.need != ""
		rows[i] = []string{e.ident, e.route, tableNeed(e)}
	}
	text := "Each endpoint is a method of [Session], and a value that [Session.Can] takes."
	if scoped {
		text += " A call that lacks a scope is not made: it returns a [*MissingScopeError], whose Scopes are what to pass to [App.Login]."
	}
	text += " The interface [API] has them all, for tests without a server."
	return slices.Concat(says("# Endpoints", text), table(rows))
}

func tableNeed(e *operation) string {
	switch {
	case e.Public:
		return "public"
	case e.need == "":
		return "signed in"
	}
	sets := make([]string, len(e.Scopes))
	for i, set := range e.Scopes {
		var names []string
		for _, scope := range set {
			names = append(names, inline(scope.Value))
		}
		sets[i] = strings.Join(names, " ")
	}
	return strings.Join(sets, " | ")
}

func (b *builder) scopeTable() []paragraph {
	var rows [][]string
	for _, s := range b.spec.Scopes {
		if s.OnDemand && s.Name.Value != openID {
			rows = append(rows, []string{inline(s.Name.Value), opening(s.Description.Value)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return slices.Concat(says("# Scopes", "These scopes are not asked for at the first sign-in, but when they are needed:"), table(rows))
}

// opening returns the first sentence of a description, for a line of a table.
func opening(text string) string {
	paragraphs := fromSpec(text)
	if len(paragraphs) == 0 {
		return ""
	}
	first, _, _ := strings.Cut(paragraphs[0].text, ". ")
	return strings.TrimSuffix(first, ".")
}

// table aligns columns; the last one is as wide as it likes.
func table(rows [][]string) []paragraph {
	const widest = 40 // of a column, so that one long path does not move all others away
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			if n := utf8.RuneCountInString(cell); n <= widest {
				widths[i] = max(widths[i], n)
			}
		}
	}
	lines := make([]string, len(rows))
	for r, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", 2+max(0, widths[i]-utf8.RuneCountInString(cell))))
			}
		}
		lines[r] = line.String()
	}
	return verbatimLines(lines)
}

// host returns the host of a URL for a sentence.
func host(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return inline(u.Host)
	}
	return inline(raw)
}
