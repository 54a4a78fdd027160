package starter_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/internal/starter"
	"example.com/scaffold/spec"
)

// load reads a text as validate does.
func load(text string) (*spec.File, []spec.Problem) {
	file, problems := spec.Load("scaffold.yaml", []byte(text))
	return file, append(problems, spec.Validate(file)...)
}

func auth0() starter.Answers {
	return starter.Answers{Domain: "exampleco.eu.auth0.com", ClientID: "q2hnj2iu", Audience: "https://api.exampleco.com/v1/notes"}
}

func oidc() starter.Answers {
	return starter.Answers{Issuer: "https://id.example.com", ClientID: "notes-desktop"}
}

// provider is what a provider that lacks nothing publishes.
func provider(issuer string) discovery.Document {
	return discovery.Document{
		Issuer: issuer, AuthorizationEndpoint: issuer + "/authorize", RevocationEndpoint: issuer + "/revoke",
		Scopes: []string{"openid", "profile", "email", "offline_access"}, ChallengeMethods: []string{"S256"},
	}
}

func TestTextReadsBack(t *testing.T) {
	for name, answers := range map[string]starter.Answers{"Auth0": auth0(), "OpenID Connect": oidc()} {
		t.Run(name, func(t *testing.T) {
			answers.BaseURL, answers.Scopes = "https://api.example.com/v1", []string{"read:notes", "https://api.example.com/notes.write", "read:notes", "email", "true", "12"}
			answers.Callbacks = []string{"http://[::1]:8484/callback", "com.exampleco.notes:/callback"}
			text := answers.WithDefaults().Text("")
			file, problems := load(text)
			if len(problems) > 0 {
				t.Fatal(spec.Format("scaffold.yaml", []byte(text), problems))
			}
			var scopes, callbacks []string
			for _, s := range file.Scopes {
				scopes = append(scopes, s.Name.Value)
			}
			for _, c := range file.Tenant.Callbacks {
				callbacks = append(callbacks, c.Value)
			}
			want := []string{"openid", "profile", "email", "offline_access", "read:notes", "https://api.example.com/notes.write", "true", "12"}
			if !slices.Equal(scopes, want) || !slices.Equal(callbacks, answers.Callbacks) {
				t.Errorf("%q %q", scopes, callbacks)
			}
			tenant := file.Tenant
			if tenant.Domain.Value != answers.Domain || tenant.IssuerURL.Value != answers.Issuer || tenant.ClientID.Value != answers.ClientID ||
				file.Audience.Value != answers.Audience || file.BaseURL.Value != answers.BaseURL {
				t.Errorf("%+v", file)
			}
			for line := range strings.Lines(text) {
				if len(line) > 125 {
					t.Errorf("a long line: %s", line)
				}
			}
		})
	}
}

func TestCommentedExampleIsASpec(t *testing.T) {
	for name, scopes := range map[string][]string{"with scopes": {"read:notes", "12"}, "without": nil} {
		t.Run(name, func(t *testing.T) {
			answers := auth0()
			answers.BaseURL, answers.Scopes = "https://api.example.com", scopes
			text := answers.WithDefaults().Text("")
			head, example, found := strings.Cut(text, "# types:")
			example = strings.ReplaceAll("\n# types:"+example, "\n# ", "\n")
			text = strings.NewReplacer("\n  # read:notes:", "\n  read:notes:", "\n  # delete:notes:", "\n  delete:notes:").Replace(head) + example
			file, problems := load(text)
			if !found || len(problems) > 0 || len(file.Endpoints) != 2 {
				t.Errorf("%s", spec.Format("scaffold.yaml", []byte(text), problems))
			}
		})
	}
}

// Other readers of YAML take some words for truth values, and so must nobody.
func TestWordsThatAreNoTextAreQuoted(t *testing.T) {
	answers := auth0()
	answers.ClientID, answers.Scopes = "No", []string{"true", "12", "null", "read:notes"}
	text := answers.WithDefaults().Text("")
	for _, want := range []string{`client_id: "No"`, "\n  \"true\":\n", "\n  \"12\":\n", "\n  \"null\":\n", "\n  read:notes:\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestFirstLine(t *testing.T) {
	if got := auth0().Text("scaffold.schema.json"); !strings.HasPrefix(got, "# yaml-language-server: $schema=scaffold.schema.json\nversion: 1\n") {
		t.Errorf("%.100q", got)
	}
	if got := auth0().Text(""); !strings.HasPrefix(got, "# For completion") || strings.Contains(got, "\n# yaml-language-server") {
		t.Errorf("without a schema, editors must not look for one: %.200q", got)
	}
}

func TestPackageIsNamedAfterTheAPI(t *testing.T) {
	for _, test := range []struct{ audience, base, want string }{
		{"https://api.exampleco.com/timesheets", "", "timesheets"},
		{"https://api.exampleco.com/Notes/v1", "", "notes"},
		{"https://api.exampleco.com/", "https://api.exampleco.com/notes/", "notes"},
		{"https://api.exampleco.com/time-sheets", "", "client"},
		{"https://api.exampleco.com/v1", "", "client"},
		{"https://api.exampleco.com/main", "", "client"},
		{"urn:notes", "", "client"},
		{"%", "", "client"},
		{"", "", "client"},
	} {
		t.Run(test.audience+" "+test.base, func(t *testing.T) {
			if got := (starter.Answers{Audience: test.audience, BaseURL: test.base}).WithDefaults().Package; got != test.want {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		answers starter.Answers
		says    string
	}{
		"a domain that is a URL":                 {starter.Answers{Domain: "https://exampleco.eu.auth0.com/"}, `write "exampleco.eu.auth0.com"`},
		"an issuer that is not https":            {starter.Answers{Issuer: "http://id.example.com"}, "must be https"},
		"an issuer that is discovery's address":  {starter.Answers{Issuer: "https://id.example.com/.well-known/openid-configuration"}, `write "https://id.example.com"`},
		"a domain and an issuer":                 {starter.Answers{Domain: "a.example.com", Issuer: "https://id.example.com"}, "not both"},
		"a provider that is none":                {starter.Answers{Provider: "okta"}, "provider is auth0 or oidc"},
		"an issuer for Auth0":                    {starter.Answers{Provider: "auth0", Issuer: "https://id.example.com"}, "for auth0 write the domain"},
		"a domain for oidc":                      {starter.Answers{Provider: "oidc", Domain: "id.example.com"}, "for oidc write the issuer"},
		"a client id with a space":               {starter.Answers{ClientID: "a b"}, "client_id"},
		"an audience that is no URI, for oidc":   {starter.Answers{Issuer: "https://id.example.com", Audience: "notes"}, "must be an absolute URI"},
		"a base URL that is not https":           {starter.Answers{BaseURL: "http://api.example.com"}, "must be https"},
		"a package name with a dash":             {starter.Answers{Package: "time-sheets"}, `did you mean "timesheets"?`},
		"a scope that is two":                    {starter.Answers{Scopes: []string{"a b"}}, "holds a space"},
		"a callback on localhost":                {starter.Answers{Callbacks: []string{"http://localhost:8484/callback"}}, `write "http://127.0.0.1:8484/callback"`},
		"text that is not UTF-8":                 {starter.Answers{Audience: "\xff"}, "not UTF-8"},
		"everything that is wrong, and not one:": {starter.Answers{Package: "func", ClientID: "a b"}, "keyword of Go"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if err := test.answers.Check(); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
		})
	}
	for name, answers := range map[string]starter.Answers{
		"nothing": {}, "Auth0": auth0(), "oidc": oidc(), "a loopback issuer": {Issuer: "http://127.0.0.1:8080"},
		"a provider without its tenant": {Provider: "oidc"},
	} {
		t.Run(name+" is not wrong", func(t *testing.T) {
			if err := answers.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	for _, test := range []struct {
		name    string
		answers starter.Answers
		want    string
	}{
		{"nothing is known", starter.Answers{}, "--domain (Auth0) or --issuer (any other provider), --client-id"},
		{"Auth0 needs an audience", starter.Answers{Provider: "auth0"}, "--domain, --client-id, --audience"},
		{"a domain is Auth0's", starter.Answers{Domain: "a.example.com"}, "--client-id, --audience"},
		{"others do not", starter.Answers{Provider: "oidc"}, "--issuer, --client-id"},
		{"an issuer is another's", starter.Answers{Issuer: "https://id.example.com", ClientID: "a"}, ""},
		{"Auth0 has all", auth0(), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(test.answers.Missing(), ", "); got != test.want {
				t.Errorf("%q", got)
			}
		})
	}
}

const issuer = "https://id.example.com"

func TestLearned(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*discovery.Document)
		says   string // in the text; empty: no note
	}{
		"a provider that lacks nothing":   {func(*discovery.Document) {}, ""},
		"a provider that lists no scopes": {func(d *discovery.Document) { d.Scopes = nil }, ""},
		"no email":                        {func(d *discovery.Document) { d.Scopes = []string{"openid", "profile", "offline_access"} }, ""},
		"no S256":                         {func(d *discovery.Document) { d.ChallengeMethods = []string{"plain"} }, "does not list S256"},
		"no word of PKCE":                 {func(d *discovery.Document) { d.ChallengeMethods = nil }, "does not say whether it supports PKCE"},
		"no revocation":                   {func(d *discovery.Document) { d.RevocationEndpoint = "" }, "no revocation endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := provider(issuer)
			test.change(&doc)
			answers, err := oidc().Learned(doc)
			if err != nil {
				t.Fatal(err)
			}
			text := answers.WithDefaults().Text("")
			if _, problems := load(text); len(problems) > 0 {
				t.Error(spec.Format("scaffold.yaml", []byte(text), problems))
			}
			flat := strings.Join(strings.Fields(strings.ReplaceAll(text, "#", "")), " ")
			if !strings.Contains(flat, test.says) || strings.Contains(text, "# Note:") != (test.says != "") {
				t.Error(text)
			}
			if listed := doc.Scopes == nil || slices.Contains(doc.Scopes, "email"); strings.Contains(text, "\n  email:") != listed {
				t.Error(text)
			}
		})
	}
}

func TestLearnedOtherwise(t *testing.T) {
	t.Run("offline_access that the provider lacks is left out and told of", func(t *testing.T) {
		doc := provider(issuer)
		doc.Scopes = []string{"openid", "profile", "email"}
		answers, err := oidc().Learned(doc)
		if err != nil {
			t.Fatal(err)
		}
		text := answers.WithDefaults().Text("")
		_, problems := load(text)
		if len(problems) != 1 || !problems[0].Warning || strings.Contains(text, "\n  offline_access:") || !strings.Contains(text, "does not list the scope offline_access") {
			t.Errorf("%v\n%s", problems, text)
		}
	})
	t.Run("an Auth0 tenant is entered as one", func(t *testing.T) {
		doc := provider("https://login.exampleco.com/")
		doc.AuthorizationEndpoint, doc.TokenEndpoint, doc.JWKSURI = doc.Issuer+"authorize", doc.Issuer+"oauth/token", doc.Issuer+".well-known/jwks.json"
		answers, err := starter.Answers{Issuer: doc.Issuer}.Learned(doc)
		if err != nil || answers.Provider != "auth0" || answers.Domain != "login.exampleco.com" || answers.Issuer != "" {
			t.Errorf("%+v %v", answers, err)
		}
		answers, err = starter.Answers{Provider: "oidc", Issuer: doc.Issuer}.Learned(doc)
		if err != nil || answers.Provider != "oidc" || answers.Issuer != doc.Issuer {
			t.Errorf("unless told otherwise: %+v %v", answers, err)
		}
	})
	for stated, says := range map[string]string{
		issuer + "/":                `spells its issuer "https://id.example.com/"`,
		"https://other.example.com": `https://id.example.com/.well-known/openid-configuration says that its issuer is "https://other.example.com" and not`,
	} {
		t.Run("the issuer "+stated+" is another", func(t *testing.T) {
			_, err := oidc().Learned(provider(stated))
			if wrong, ok := errors.AsType[*starter.IssuerError](err); !ok || wrong.Stated != stated || !strings.Contains(err.Error(), says) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestNextSteps(t *testing.T) {
	got := auth0().WithDefaults().NextSteps("scaffold.yaml")
	for _, want := range []string{"Native", "https://api.exampleco.com/v1/notes", "http://127.0.0.1:8485/callback\n", "scaffold doctor  ", "scaffold generate\n", "go mod tidy"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	got = oidc().WithDefaults().NextSteps("a/notes.yaml")
	for _, want := range []string{"public client", "http://127.0.0.1:8484/callback", "scaffold doctor a/notes.yaml", "scaffold generate a/notes.yaml\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// Whatever passes Check is read back as it was written.
func FuzzText(f *testing.F) {
	f.Add("q2hnj2iu", "https://api.example.com", "read:notes", "http://127.0.0.1:8484/callback")
	f.Add("no", "a: b # c", "'\"", "com.exampleco:/a")
	f.Fuzz(func(t *testing.T, clientID, audience, scope, callback string) {
		answers := starter.Answers{
			Domain: "exampleco.eu.auth0.com", ClientID: clientID, Audience: audience, Package: "client",
			Scopes: []string{scope}, Callbacks: []string{callback},
		}
		if len(answers.Missing()) > 0 || answers.Check() != nil {
			return
		}
		text := answers.WithDefaults().Text("")
		file, problems := load(text)
		last := file.Scopes[len(file.Scopes)-1].Name.Value
		if slices.ContainsFunc(problems, func(p spec.Problem) bool { return !p.Warning }) || file.Tenant.ClientID.Value != clientID ||
			file.Audience.Value != audience || last != scope && len(file.Scopes) != 4 || file.Tenant.Callbacks[0].Value != callback {
			t.Errorf("%+v\n%s%s", answers, text, spec.Format("scaffold.yaml", []byte(text), problems))
		}
	})
}
