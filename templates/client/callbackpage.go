package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strconv"
)

// pageOutcome is what the browser's page tells the person. The fields are
// exported because html/template reads no others.
type pageOutcome struct {
	Title    string
	Message  string // what happened and what to do next
	Reason   string // why a sign-in failed; escaped by the template
	Failed   bool   // answered with 400 instead of 200
	Declined bool   // failed because somebody decided so
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

// signInEndedPage tells why nobody was signed in. To be refused is not a fault:
// the person pressed Decline, or the tenant's rules say no (RFC 6749 section
// 4.1.2.1).
func signInEndedPage(err error) pageOutcome {
	page := signInFailedPage(err.Error())
	if refusal, ok := errors.AsType[*TenantError](err); ok && refusal.Code == "access_denied" {
		page.Title, page.Declined = "Access was not granted", true
	}
	return page
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
:root { color-scheme: light dark; --text: #16181d; --soft: #5a6070; --page: #f4f5f8; --glow: #e3eafc; --card: #ffffff; --raised: #f7f8fa; --line: #e4e6ec;
--done: #136c3d; --done-back: #e4f6ec; --failed: #b3261e; --failed-back: #fdf0ef; --shadow: 0 0 0 1px rgb(20 24 40 / .06), 0 12px 32px -8px rgb(20 24 40 / .14) }
@media (prefers-color-scheme: dark) {
:root { --text: #f2f3f7; --soft: #a3a9b8; --page: #0b0c10; --glow: #16203a; --card: #15171d; --raised: #1d2027; --line: #2a2e38;
--done: #7fdca4; --done-back: #12291c; --failed: #ffb4ab; --failed-back: #2c1816; --shadow: 0 0 0 1px rgb(255 255 255 / .09), 0 16px 40px -8px rgb(0 0 0 / .6) }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: radial-gradient(60rem 30rem at 50% -8rem, var(--glow), transparent) no-repeat var(--page); color: var(--text); font: .9375rem/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-size-adjust: .53 }
main { display: grid; justify-items: center; width: 100%; max-width: 27rem; padding: 2.25rem 2rem; border-radius: 1.125rem; background: var(--card); box-shadow: var(--shadow); text-align: center }
h1 { margin: 1.125rem 0 .25rem; font-size: 1.375rem; line-height: 1.3; letter-spacing: -.018em; text-wrap: balance }
p { margin: 0; color: var(--soft); overflow-wrap: anywhere; text-wrap: balance }
svg { width: 3.5rem; height: 3.5rem; padding: .875rem; border-radius: 50%; background: var(--raised); color: var(--soft); fill: none; stroke: currentColor; stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round }
.done { background: var(--done-back); color: var(--done) }
.failed { background: var(--failed-back); color: var(--failed) }
.reason { width: 100%; margin-top: 1.25rem; padding: .75rem .875rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--raised); font-size: .875rem; text-align: start; text-wrap: wrap }
`

// callbackPageTemplate has no script and loads nothing, so that nothing can
// read the code in the page's address.
var callbackPageTemplate = template.Must(template.New("callback").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Title}}</title>
<style>` + callbackPageStyle + `</style>
</head>
<body>
<main>
{{if not .Failed}}<svg class="done" viewBox="0 0 24 24" aria-hidden="true"><path d="m5.5 12.5 4.5 4.5 8.5-9.5"/></svg>
{{- else if .Declined}}<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m7 7 10 10M17 7 7 17"/></svg>
{{- else}}<svg class="failed" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5.5v8M12 18v.1"/></svg>{{end}}
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
