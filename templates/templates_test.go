package templates

import (
	"bytes"
	"go/format"
	"testing"
)

func TestClient(t *testing.T) {
	list, err := Client()
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for name := range features {
		missing[name] = true
	}
	for _, file := range list {
		delete(missing, file.Name)
		if file.Feature != features[file.Name] {
			t.Errorf("%s has another feature than the table says", file.Name)
		}
		if bytes.Contains(file.Text, []byte("\"testing\"")) || bytes.Contains(file.Text, []byte("stands in for")) {
			t.Errorf("%s is shipped", file.Name)
		}
		formatted, err := format.Source(file.Text)
		if err != nil || !bytes.Equal(formatted, file.Text) {
			t.Errorf("%s is not formatted: %v", file.Name, err)
		}
	}
	for name := range missing {
		t.Errorf("the table has %s, which the folder does not have", name)
	}
}
