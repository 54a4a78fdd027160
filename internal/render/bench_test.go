package render_test

import (
	"fmt"
	"go/format"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
)

func build(b *testing.B, n int) *model.Package {
	b.Helper()
	p, problems := model.Build(many(n), render.Reserved())
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	return p
}

func BenchmarkModel500(b *testing.B) {
	f := many(500)
	for b.Loop() {
		if _, problems := model.Build(f, render.Reserved()); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// BenchmarkFiles renders and formats, as many files at a time as there are
// processors.
func BenchmarkFiles(b *testing.B) {
	for _, n := range []int{50, 500} {
		p := build(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := render.New(render.Options{Version: "v1.2.3"}).Files(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFormat500 is go/format's part of that, on one processor, without the
// engine: what is rendered of that is not formatted again.
func BenchmarkFormat500(b *testing.B) {
	names := render.Reserved()
	files := renderAll(b, many(500))
	for b.Loop() {
		for _, file := range files {
			if names.Files[file.Name] {
				continue
			}
			if _, err := format.Source(file.Data); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkReserved(b *testing.B) {
	for b.Loop() {
		render.Reserved()
	}
}
