package render

import (
	"go/parser"
	"go/token"
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

// rename puts the header on top and sets the package clause. Everything else stays
// as it is written, but for a comment on the package, which a generated package has
// of its own.
func rename(source templates.ClientFile, header, name string) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, source.Name, source.Text, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	offset := func(pos token.Pos) int { return set.Position(pos).Offset }
	before := source.Text[:offset(file.Package)]
	if file.Doc != nil {
		before = before[:offset(file.Doc.Pos())]
	}
	return slices.Concat([]byte(header), before, []byte("package "+name), source.Text[offset(file.Name.End()):]), nil
}
