package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
)

// pageOutcome is what the browser's page tells the person. The fields are
// exported because html/template reads no others.
type pageOutcome struct {
	Title   string
	Message string // what happened and what to do next
	Reason  string // why a sign-in failed; escaped by the template
	Failed  bool   // answered with 400 instead of 200
}

// signedInPage tells that the sign-in is complete: the tokens have been
// received, checked and stored.
func signedInPage() pageOutcome {
	return pageOutcome{
		Title:   "You are signed in",
		Message: "You can close this window and return to the application.",
	}
}

// signInFailedPage tells why nobody was signed in. The reason may come from
// outside; it must hold no secret.
func signInFailedPage(reason string) pageOutcome {
	return pageOutcome{
		Title:   "The sign-in failed",
		Message: "You are not signed in. Return to the application to try again.",
		Reason:  printableText(reason, 600),
		Failed:  true,
	}
}

// unfinishedSignInPage is for the browser that came back to an application
// that had stopped waiting for it.
func unfinishedSignInPage() pageOutcome {
	return pageOutcome{
		Title:   "The sign-in was not finished",
		Message: "The application stopped before the sign-in was complete. Return to it to try again.",
		Failed:  true,
	}
}

// strayCallbackPage answers a request that does not belong to the sign-in.
func strayCallbackPage(err error) pageOutcome {
	return pageOutcome{
		Title:   "This page is not part of the sign-in",
		Message: "Return to the application, and use the window it opened or start the sign-in again.",
		Reason:  err.Error(),
		Failed:  true,
	}
}

// callbackPageStyle is the page's only style sheet, allowed by its hash.
const callbackPageStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #59636e; --back: #f6f8fa; --card: #ffffff; --line: #d1d9e0 }
@media (prefers-color-scheme: dark) {
:root { --text: #f0f6fc; --soft: #9198a1; --back: #0d1117; --card: #151b23; --line: #3d444d }
}
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { box-sizing: border-box; width: min(34rem, 100%); padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0; overflow-wrap: anywhere }
.reason { margin-top: 1rem; color: var(--soft) }
`

// callbackPageTemplate has no script and loads nothing, so that nothing can
// read the code in the page's address.
var callbackPageTemplate = template.Must(template.New("callback").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>` + callbackPageStyle + `</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
<p>{{.Message}}</p>
{{- with .Reason}}
<p class="reason">Reason: <bdi>{{.}}</bdi></p>
{{- end}}
</main>
</body>
</html>
`))

// setCallbackHeaders keeps the address, which holds the code, from caches, from
// other sites and from frames (RFC 9700 section 4.2.4).
func setCallbackHeaders(header http.Header) {
	style := sha256.Sum256([]byte(callbackPageStyle))
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+
		base64.StdEncoding.EncodeToString(style[:])+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// writeCallbackPage writes the page and sends it on its way before it returns.
func writeCallbackPage(w http.ResponseWriter, outcome pageOutcome) {
	var page bytes.Buffer
	if err := callbackPageTemplate.Execute(&page, outcome); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
	status := http.StatusOK
	if outcome.Failed {
		status = http.StatusBadRequest
	}
	w.WriteHeader(status)
	// A browser that has gone away changes nothing about the sign-in.
	_, _ = w.Write(page.Bytes())
	_ = http.NewResponseController(w).Flush()
}
