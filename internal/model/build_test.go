package model_test

import (
	"go/types"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/spec"
)

func text(s string) spec.Text { return spec.Text{Value: s, Pos: spec.Pos{Line: 1, Col: 1}} }

func field(name string, kind spec.Kind) spec.Field {
	return spec.Field{Name: text(name), Type: &spec.TypeRef{Kind: kind}}
}

// file is a spec that is fine as it is.
func file() *spec.File {
	return &spec.File{
		Name:    "notes.yaml",
		Package: text("notes"),
		Tenant: spec.Tenant{
			Provider: text("auth0"), Domain: text("notes.eu.auth0.com"), ClientID: text("abc"),
			Callbacks: []spec.Text{text("http://127.0.0.1:8484/callback")},
		},
		BaseURL: text("https://api.example.com"),
	}
}

// build builds a spec that must have no problem.
func build(t *testing.T, f *spec.File) *model.Package {
	t.Helper()
	p, problems := model.Build(f, model.Reserved{})
	if len(problems) > 0 {
		t.Fatalf("unexpected problems: %v", problems)
	}
	return p
}

func TestFieldNames(t *testing.T) {
	for name, want := range map[string]string{
		"user_id":      "UserID",
		"userId":       "UserID",
		"userID":       "UserID",
		"UserID":       "UserID",
		"USER_ID":      "UserID",
		"user-ids":     "UserIDs",
		"id2":          "ID2",
		"APIKey":       "APIKey",
		"api_url":      "APIURL",
		"httpServer":   "HTTPServer",
		"openid":       "OpenID",
		"oauth2_token": "OAuth2Token",
		"OAuthToken":   "OAuthToken",
		"jwks.uri":     "JWKSURI",
		"IDs":          "IDs",
		"identity":     "Identity",
		"IN_PROGRESS":  "InProgress",
		"EUR":          "EUR",
		"type":         "Type",
		"2fa":          "N2fa",
		"1.0":          "N1_0",
		"10":           "N10",
		"+1":           "Plus1",
		"-1":           "Minus1",
		"-date":        "MinusDate",
		"c++":          "CPlusPlus",
		"a-b":          "AB",
		"$ref":         "Ref",
		"größe":        "Größe",
		"日本":           "X日本",
		"e\u0301te":    "Ete",
		"...":          "DotDotDot",
		"a\x00b\u202e": "AB",
		"\xff\xfex":    "X",
	} {
		t.Run(name, func(t *testing.T) {
			f := file()
			f.Types = []spec.Type{{Name: text("Thing"), Fields: []spec.Field{field(name, spec.String)}}}
			if got := build(t, f).Types.Declarations[0].Struct.Fields[0].Name; got != want {
				t.Errorf("%q becomes %s, want %s", name, got, want)
			}
		})
	}
}

// A parameter must not hide what the method's code, or its reader, counts on.
func TestPredeclaredParameters(t *testing.T) {
	for _, name := range types.Universe.Names() {
		f := file()
		f.Endpoints = []spec.Endpoint{{Name: text("GetNote"), Method: "GET", Path: text("/notes/{" + name + "}"), PathParams: []spec.Field{field(name, spec.String)}}}
		if got := build(t, f).Groups[0].Endpoints[0].Parameters; got != "ctx context.Context, "+name+"Value string" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestScopeConstants(t *testing.T) {
	for scope, want := range map[string]string{
		"openid":          "ScopeOpenID",
		"offline_access":  "ScopeOfflineAccess",
		"read:timesheets": "ScopeReadTimesheets",
		"repo:*":          "ScopeRepoAll",
		"user/Patient.rs": "ScopeUserPatientRs",
		"https://www.googleapis.com/auth/calendar.readonly": "ScopeCalendarReadonly",
		"https://mail.google.com/":                          "ScopeMailGoogle",
		"api://0d1f/access_as_user":                         "ScopeAccessAsUser",
		"https://api.example.com/.default":                  "ScopeDefault",
	} {
		t.Run(scope, func(t *testing.T) {
			f := file()
			f.Scopes = []spec.Scope{{Name: text("openid")}, {Name: text(scope)}}
			if scope == "openid" {
				f.Scopes = f.Scopes[:1]
			}
			constants := build(t, f).Scopes.Constants
			if got := constants[len(constants)-1].Name; got != want {
				t.Errorf("%q becomes %s, want %s", scope, got, want)
			}
		})
	}
}

func TestFirstSignIn(t *testing.T) {
	f := file()
	f.Scopes = []spec.Scope{{Name: text("read")}, {Name: text("write"), OnDemand: true}}
	p := build(t, f)
	t.Run("openid stands first when the spec lacks it", func(t *testing.T) {
		if want := []string{"ScopeOpenID", "ScopeRead"}; !slices.Equal(p.Defaults.Scopes, want) {
			t.Errorf("a first sign-in asks for %v, want %v", p.Defaults.Scopes, want)
		}
	})
	t.Run("a scope on demand is declared, too", func(t *testing.T) {
		if n := len(p.Scopes.Constants); n != 3 {
			t.Errorf("%d scopes are declared, want 3", n)
		}
	})
	t.Run("openid is asked for even on demand", func(t *testing.T) {
		f.Scopes = []spec.Scope{{Name: text("openid"), OnDemand: true}}
		if got := build(t, f).Defaults.Scopes; !slices.Equal(got, []string{"ScopeOpenID"}) {
			t.Errorf("a first sign-in asks for %v", got)
		}
	})
}

func TestSpecOfNoFile(t *testing.T) {
	f := file()
	f.Name = "stdin"
	p := build(t, f)
	for _, text := range []string{p.Doc.Comment, p.Defaults.Comment, p.Scopes.Comment, p.Scopes.DeclaredComment} {
		if strings.Contains(text, "stdin") || !strings.Contains(text, "the spec declares") {
			t.Errorf("a spec from stdin is not called the spec: %s", text)
		}
	}
}

func TestCommentsAreWrapped(t *testing.T) {
	f := file()
	f.Types = []spec.Type{{
		Name:        text("Note"),
		Description: text(strings.Repeat("A word or two. ", 40) + "\n\n- " + strings.Repeat("an item ", 30)),
		Fields:      []spec.Field{field("id", spec.String)},
	}}
	for line := range strings.SplitSeq(build(t, f).Types.Declarations[0].Struct.Comment, "\n") {
		if len(line) > 80 {
			t.Errorf("a line has %d characters: %s", len(line), line)
		}
		if line != "//" && !strings.HasPrefix(line, "// ") && !strings.HasPrefix(line, "//   ") {
			t.Errorf("not a line of a comment: %q", line)
		}
	}
}

func TestBuildSurvivesOtherProblems(t *testing.T) {
	for name, change := range map[string]func(*spec.File){
		"an empty file": func(f *spec.File) { *f = spec.File{} },
		"unknown types": func(f *spec.File) {
			ref := &spec.TypeRef{Kind: spec.Named, Name: "Nowhere"}
			f.Types = []spec.Type{{Name: text("A"), Fields: []spec.Field{{Name: text("b"), Type: ref}, {Name: text("c")}}}}
			f.Endpoints = []spec.Endpoint{{Name: text("Get"), Path: text("/{a}/{"), Body: ref, Returns: ref,
				PathParams: []spec.Field{{Name: text("z"), Type: ref}}, Query: []spec.Field{{Name: text("q")}}, Scopes: spec.AnyOf{{text("none")}, {}}}}
		},
		"nothing but names that are empty": func(f *spec.File) {
			f.Scopes = []spec.Scope{{}}
			f.Types = []spec.Type{{Fields: []spec.Field{{}}}, {Enum: []spec.EnumValue{}}, {Enum: []spec.EnumValue{{}}}}
			f.Endpoints = []spec.Endpoint{{PathParams: []spec.Field{{Enum: []spec.EnumValue{}}}, Query: []spec.Field{{}}}}
		},
		"types that hold themselves": func(f *spec.File) {
			ref := &spec.TypeRef{Kind: spec.Named, Name: "A"}
			f.Types = []spec.Type{{Name: text("A"), Fields: []spec.Field{{Name: text("a"), Type: ref}}}}
			f.Endpoints = []spec.Endpoint{{Name: text("Get"), Method: "GET", Path: text("/"), Body: ref}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := file()
			change(f)
			if p, _ := model.Build(f, model.Reserved{}); p == nil {
				t.Error("there is no model")
			}
		})
	}
}
