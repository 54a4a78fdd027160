package main

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"text/template"
)

// perResource is how many endpoints a resource of the API has: list, create,
// get, update and delete.
const perResource = 5

// perArea is how many resources share two scopes, a file of our output, and a
// tag of the OpenAPI description.
const perArea = 10

// resource is one kind of thing that the API keeps.
type resource struct {
	Name string // Invoice12
	Path string // /invoices12
	Area string // area2
}

// resources returns the resources of an API with so many endpoints.
func resources(endpoints int) ([]resource, error) {
	if endpoints <= 0 || endpoints%perResource != 0 {
		return nil, fmt.Errorf("an API of %d endpoints: it has to be a multiple of %d", endpoints, perResource)
	}
	nouns := []string{"Invoice", "Project", "Expense", "Customer", "Contract", "Ticket", "Vehicle", "Parcel"}
	paths := []string{"/invoices", "/projects", "/expenses", "/customers", "/contracts", "/tickets", "/vehicles", "/parcels"}
	list := make([]resource, endpoints/perResource)
	for i := range list {
		list[i] = resource{
			Name: fmt.Sprintf("%s%d", nouns[i%len(nouns)], i+1),
			Path: fmt.Sprintf("%s%d", paths[i%len(paths)], i+1),
			Area: fmt.Sprintf("area%d", i/perArea+1),
		}
	}
	return list, nil
}

// areas returns the areas of the resources, each once.
func areas(list []resource) []string {
	var found []string
	for i := 0; i < len(list); i += perArea {
		found = append(found, list[i].Area)
	}
	return found
}

// The descriptions of the one API: in scaffold's language, and in OpenAPI.
//
//go:embed apis
var descriptions embed.FS

// describe writes a description of an API with so many endpoints.
func describe(w io.Writer, description string, endpoints int) error {
	list, err := resources(endpoints)
	if err != nil {
		return err
	}
	text, err := template.ParseFS(descriptions, "apis/"+description+".tmpl")
	if err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	buffered := bufio.NewWriter(w) // the text of a large API as a whole would count as every child's memory
	if err := text.Execute(buffered, map[string]any{"Areas": areas(list), "Resources": list}); err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	return buffered.Flush()
}

func describeFile(path, description string, endpoints int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return describe(file, description, endpoints)
}
