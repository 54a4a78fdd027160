package render

import (
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// callable reports whether a template can name a function; without functions,
// one of text/template's own.
func callable(name string, functions template.FuncMap) bool {
	_, err := template.New("").Funcs(functions).Parse("{{" + name + "}}")
	return err == nil || !strings.Contains(err.Error(), "not defined")
}

func TestTemplatesReachNoOtherFunction(t *testing.T) {
	allowed := functions()
	for name := range sprig.TxtFuncMap() {
		if callable(name, allowed) && !callable(name, nil) && allowed[name] == nil {
			t.Errorf("templates can call %s", name)
		}
	}
	for _, name := range []string{"now", "env", "randAlpha", "uuidv4", "genPrivateKey", "getHostByName", "keys"} {
		if allowed[name] != nil {
			t.Errorf("templates can call %s", name)
		}
	}
}
