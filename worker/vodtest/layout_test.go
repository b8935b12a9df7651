package vodtest

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What happens to events and settings is a state machine. HTTP is where calls come in, and where callbacks go out.
func TestTheStateMachineKnowsNoHTTP(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var know []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range parsed.Imports {
			if strings.HasPrefix(imported.Path.Value, `"net/http`) {
				know = append(know, file)
			}
		}
	}
	if want := []string{"http.go", "push.go", "server.go"}; !slices.Equal(know, want) {
		t.Errorf("%v import net/http, want %v", know, want)
	}
}
