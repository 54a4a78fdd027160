package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// tool is a generator of Go clients.
type tool struct {
	name        string
	description string // the file that it reads
	source      string // its command, a package of this module's go.mod; empty: built from the checkout
	args        func(spec, output string) []string
	program     string // a program that uses the client: its imports and statements
}

const (
	ours = "scaffold"
	oapi = "oapi-codegen"
	ogen = "ogen"

	empty = "empty" // a program that does nothing
)

// Each peer writes a client and no server, and reads the format that its own
// documentation shows.
func tools(dir string) []tool {
	return []tool{
		{
			name: ours, description: "scaffold.yaml",
			args: func(spec, output string) []string { return []string{"generate", spec, "--output", output} },
			program: `app, err := api.New()
	if err != nil {
		panic(err)
	}
	session, err := app.Login(context.Background())
	if err != nil {
		panic(err)
	}
	%[1]s, err := session.Get%[1]s(context.Background(), 1)
	fmt.Println(%[1]s, err)`,
		},
		{
			name: oapi, description: "openapi.yaml", source: "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen",
			args: func(spec, output string) []string {
				return []string{"-generate", "types,client", "-package", "api", "-o", filepath.Join(output, "api.go"), spec}
			},
			program: `client, err := api.NewClientWithResponses("https://api.example.com")
	if err != nil {
		panic(err)
	}
	%[1]s, err := client.Get%[1]sWithResponse(context.Background(), 1)
	fmt.Println(%[1]s, err)`,
		},
		{
			name: ogen, description: "openapi.yaml", source: "github.com/ogen-go/ogen/cmd/ogen",
			args: func(spec, output string) []string {
				return []string{"--config", filepath.Join(dir, "ogen.yml"), "--package", "api", "--clean", "--target", output, spec}
			},
			program: `client, err := api.NewClient("https://api.example.com", nil)
	if err != nil {
		panic(err)
	}
	%[1]s, err := client.Get%[1]s(context.Background(), api.Get%[1]sParams{ID: 1})
	fmt.Println(%[1]s, err)`,
		},
	}
}

const ogenConfig = "generator: {features: {disable_all: true, enable: [paths/client]}}\n"

// mainFile is a program that uses the client in the package at path.
func (t tool) mainFile(path, resource string) string {
	return fmt.Sprintf("package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"%s\"\n)\n\nfunc main() {\n\t", path) +
		fmt.Sprintf(t.program, resource) + "\n}\n"
}

// prepare builds the generators, and sets up a module that has what their output
// imports: this one's requirements.
func (b *bench) prepare() error {
	b.tools = tools(b.dir)
	if b.only {
		b.tools = b.tools[:1]
	}
	if err := os.WriteFile(filepath.Join(b.dir, "ogen.yml"), []byte(ogenConfig), 0o644); err != nil {
		return fmt.Errorf("configure ogen: %w", err)
	}
	for _, t := range slices.Concat(b.tools, []tool{{name: empty, source: "./empty"}}) {
		from, source := ".", t.source
		if source == "" {
			from, source = b.root, "./cmd/scaffold"
		}
		// Without cgo, as released programs are: it costs each start of a program time
		// to be linked with the system's C library.
		if _, err := b.command(from, "env", "CGO_ENABLED=0", "go", "build", "-o", b.executable(t), source); err != nil {
			return err
		}
	}
	root, err := filepath.Abs(b.root)
	if err != nil {
		return fmt.Errorf("find the checkout: %w", err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, "bench", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(b.dir, name), text, 0o644)
		}
		if err != nil {
			return fmt.Errorf("copy the requirements: %w", err)
		}
	}
	_, err = b.command(b.dir, "go", "mod", "edit", "-replace", "example.com/scaffold="+root)
	return err
}

func (b *bench) executable(t tool) string { return filepath.Join(b.dir, t.name) }
