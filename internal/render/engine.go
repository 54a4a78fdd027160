package render

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"

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
		data, err := rename(source, p.Name)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: source.Name, Data: append([]byte(header), data...)})
	}
	return files, nil
}

// rename sets the package clause. Everything else stays as it is written, but
// for a comment on the package, which a generated package has of its own.
func rename(source templates.ClientFile, name string) ([]byte, error) {
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
	return bytes.Join([][]byte{before, []byte("package " + name), source.Text[offset(file.Name.End()):]}, nil), nil
}

// Reserved returns the Go names that the engine takes, whether this client
// needs all of it or not: so a spec that grows does not have to rename.
func Reserved() (model.Reserved, error) {
	reserved := model.Reserved{
		Names:   map[string]bool{},
		Session: map[string]bool{},
		App:     map[string]bool{},
		Files:   map[string]bool{},
	}
	sources, err := templates.Client()
	if err != nil {
		return reserved, fmt.Errorf("read the engine: %w", err)
	}
	set := token.NewFileSet()
	for _, source := range sources {
		reserved.Files[source.Name] = true
		file, err := parser.ParseFile(set, source.Name, source.Text, parser.SkipObjectResolution)
		if err != nil {
			return reserved, fmt.Errorf("read the engine: %w", err)
		}
		for _, d := range file.Decls {
			reserve(reserved, d)
		}
	}
	return reserved, nil
}

func reserve(reserved model.Reserved, declared ast.Decl) {
	switch d := declared.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			reserved.Names[d.Name.Name] = true
			return
		}
		switch receiver(d.Recv.List[0].Type) {
		case "Session":
			reserved.Session[d.Name.Name] = true
		case "App":
			reserved.App[d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				reserved.Names[s.Name.Name] = true
			case *ast.ValueSpec:
				for _, name := range s.Names {
					reserved.Names[name.Name] = true
				}
			}
		}
	}
}

// receiver returns the name of a method's type.
func receiver(expr ast.Expr) string {
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
