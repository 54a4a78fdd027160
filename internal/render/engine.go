package render

import (
	"bytes"
	"fmt"
	"slices"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/templates"
)

// engine renders the files that are the same for every client, but for those
// that this one does not need.
func engine(p *model.Package, header string) ([]File, error) {
	sources, err := templates.Client()
	if err != nil {
		return nil, err
	}
	needed := map[templates.Feature]bool{
		templates.Always:    true,
		templates.Endpoints: p.Uses.Endpoints,
		templates.Dates:     p.Uses.Dates,
		templates.Nullables: p.Uses.Nullables,
	}
	var files []File
	for _, source := range sources {
		if !needed[source.Feature] {
			continue
		}
		data, err := rename(source, header, p.Name)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: source.Name, Data: data})
	}
	return files, nil
}

// clause is the line with which a file of the engine begins, below what says for
// which systems it is.
const clause = "package " + standIn + "\n"

// rename puts the header on top and sets the package clause. Everything else stays
// as it is written. To look for the line takes a fraction of the time of go/parser.
func rename(source templates.ClientFile, header, name string) ([]byte, error) {
	before, after, found := bytes.Cut(source.Text, []byte(clause))
	if !found {
		return nil, fmt.Errorf("%s has no %q", source.Name, clause)
	}
	return slices.Concat([]byte(header), before, []byte("package "+name+"\n"), after), nil
}
