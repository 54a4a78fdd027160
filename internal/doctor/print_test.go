package doctor_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"example.com/scaffold/internal/doctor"
	"example.com/scaffold/spec"
)

func TestPrint(t *testing.T) {
	findings := []doctor.Finding{
		{Status: doctor.OK, Check: "issuer", Detail: "https://id.example.com"},
		{Status: doctor.Warn, Check: "callback port", Detail: "taken", Advice: "end it"},
		{Status: doctor.Fail, Check: "sign-in", Detail: "\x1b[2Jerror\u202e", Advice: "ask"},
	}
	t.Run("for people, aligned, and nothing acts on the terminal", func(t *testing.T) {
		const want = "ok    issuer         https://id.example.com\n" +
			"warn  callback port  taken\n" +
			"                     end it\n" +
			"fail  sign-in        ?[2Jerror?\n" +
			"                     ask\n"
		if got := doctor.Text(findings, false); got != want {
			t.Errorf("\n%s", got)
		}
	})
	t.Run("in color", func(t *testing.T) {
		got := doctor.Text(findings, true)
		for _, want := range []string{"\x1b[32mok  \x1b[0m  issuer", "\x1b[33mwarn\x1b[0m  callback", "\x1b[31mfail\x1b[0m  sign-in"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not in %q", want, got)
			}
		}
	})
	t.Run("a long text is cut", func(t *testing.T) {
		if got := doctor.Text([]doctor.Finding{{Status: doctor.OK, Detail: strings.Repeat("a", 10_000)}}, false); len(got) > 500 || !strings.HasSuffix(got, "...\n") {
			t.Errorf("%d bytes", len(got))
		}
	})
	t.Run("for programs", func(t *testing.T) {
		problems := []spec.Problem{{Pos: spec.Pos{Line: 3, Col: 10}, Message: "unwise", Warning: true}}
		text, err := doctor.JSON("notes.yaml", problems, findings)
		type problem struct {
			Line, Column int
			Message      string
			Warning      bool
		}
		type report struct {
			Version  int
			Spec     string
			Summary  map[string]int
			Problems []problem
			Findings []doctor.Finding
		}
		want := report{1, "notes.yaml", map[string]int{"ok": 1, "warn": 1, "fail": 1}, []problem{{3, 10, "unwise", true}}, findings}
		var got report
		if err != nil || json.Unmarshal(text, &got) != nil || !reflect.DeepEqual(got, want) || strings.Contains(string(text), "\x1b") {
			t.Errorf("%v %s", err, text)
		}
		if text, err := doctor.JSON("notes.yaml", nil, findings); err != nil || !strings.Contains(string(text), `"problems": [],`) {
			t.Errorf("no problems are a list, too: %v %s", err, text)
		}
	})
	t.Run("in a line", func(t *testing.T) {
		if got := doctor.Count(findings).Text(); got != "1 ok, 1 to look at, 1 failed\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("the worst counts", func(t *testing.T) {
		if doctor.Worst(findings) != doctor.Fail || doctor.Worst(findings[:2]) != doctor.Warn || doctor.Worst(findings[:1]) != doctor.OK {
			t.Error("it does not")
		}
	})
}
