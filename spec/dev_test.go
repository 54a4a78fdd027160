package spec_test

import (
	"fmt"
	"testing"

	"example.com/scaffold/spec"
)

func words(list []spec.Text) string {
	var all []string
	for _, text := range list {
		all = append(all, text.Value)
	}
	return fmt.Sprint(all)
}

func TestPeopleAreReadInTheirOrder(t *testing.T) {
	file := load(t, "testdata/everything.yaml")
	var got []string
	for _, r := range file.Dev.Roles {
		got = append(got, r.Name.Value+words(r.Scopes))
	}
	for _, u := range file.Dev.Users {
		got = append(got, fmt.Sprintf("%s, %s, %s, %s", u.ID.Value, u.DisplayName(), u.Address(), words(u.Roles)))
	}
	want := []string{
		"reader[read]", "editor[read write]", "nobody[]",
		"ada, Ada Lovelace, ada@exampleco.com, [editor reader]",
		"ben.b_2-x, Ben.b_2-x, ben.b_2-x@example.com, [reader]",
		"carl, Carl, carl@example.com, []", "dora, Dora, dora@example.com, []",
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !file.TestPackage {
		t.Error("TestPackage = false, want what generate says")
	}
}

func TestAbsentPeopleAreNil(t *testing.T) {
	file, problems := spec.Load("a.yaml", []byte(head+tenant))
	if file.Dev != nil || file.TestPackage || len(problems) > 0 {
		t.Errorf("Dev = %+v, TestPackage = %v, problems = %v", file.Dev, file.TestPackage, problems)
	}
}
