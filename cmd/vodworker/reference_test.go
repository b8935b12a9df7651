package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/fidelity"
)

// section returns the rows of the tables between a heading and the next one, each as its cells.
func section(t *testing.T, path, heading string) (rows [][]string) {
	t.Helper()
	_, text, found := strings.Cut(document(t, path), "\n## "+heading+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	if !found || len(rows) < 2 {
		t.Fatalf("%s has no table under %q", path, heading)
	}
	return rows
}

const reference = "cmd/vodworker/REFERENCE.md"

var inCode = regexp.MustCompile("`([^`]+)`")

// names returns what a cell has between backquotes.
func names(cell string) (found []string) {
	for _, name := range inCode.FindAllStringSubmatch(cell, -1) {
		found = append(found, name[1])
	}
	return found
}

// wantSame fails for what only the page or only the program has.
func wantSame(t *testing.T, what string, page, program []string) {
	t.Helper()
	for _, name := range page {
		if !slices.Contains(program, name) {
			t.Errorf("%s: the page has %s, the program has not", what, name)
		}
	}
	for _, name := range program {
		if !slices.Contains(page, name) {
			t.Errorf("%s: the program has %s, the page has not", what, name)
		}
	}
	for i, name := range page {
		if slices.Contains(page[:i], name) {
			t.Errorf("%s: the page has %s twice", what, name)
		}
	}
}

func TestTheReferenceHasEachKeyWithItsDefault(t *testing.T) {
	program := map[string]string{}
	addKeys(program, "", reflect.ValueOf(*config.Default()))
	var page []string
	for _, row := range section(t, reference, "Configuration")[1:] {
		key := names(row[0])[0]
		if strings.Contains(key, "BROKER") { // all have it
			for _, kind := range []string{"kafka", "nats", "redis", "rabbitmq"} {
				page = append(page, strings.Replace(key, "BROKER", kind, 1))
			}
			continue
		}
		page = append(page, key)
		want, known := program[key]
		got := strings.Trim(row[1], "`")
		if known && want != got && !strings.HasPrefix(key, "handlers[]") && (want != "" || got != "none") {
			t.Errorf("%s: the page says that its default is %s, the program %q", key, row[1], want)
		}
	}
	wantSame(t, "keys", page, sortedKeys(program))
}

// addKeys adds the keys of a part of the configuration, with their defaults; a default that is nothing is empty.
func addKeys(keys map[string]string, path string, value reflect.Value) {
	for field, value := range value.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		full := strings.TrimPrefix(path+"."+key, ".")
		switch kind := field.Type; {
		case !field.IsExported(), key == "-", path == "dead_letters" && key == "stdout":
		case key == "" && path == "dead_letters": // a place, said in a row each
			for place := range field.Type.Fields() {
				if name := place.Tag.Get("yaml"); name != "stdout" {
					keys[path+"."+name] = ""
				}
			}
		case key == "":
			addKeys(keys, path, value)
		case kind.Kind() == reflect.Struct:
			addKeys(keys, full, value)
		case kind.Kind() == reflect.Pointer && kind.Elem().Kind() == reflect.Struct:
			addKeys(keys, full, reflect.New(kind.Elem()).Elem())
		case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
			addKeys(keys, full+"[]", reflect.New(kind.Elem()).Elem())
		default:
			keys[full] = shown(value)
		}
	}
}

// shown returns a value as a configuration has it, nothing for a zero.
func shown(value reflect.Value) string {
	switch v := value.Interface().(type) {
	case config.Duration:
		if v == 0 {
			return ""
		}
		return strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace(v.String())
	case config.Unmatched:
		return "confirm"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case int:
		return strings.TrimPrefix(strconv.Itoa(v), "0")
	case string:
		return v
	}
	return ""
}

func sortedKeys[T any](m map[string]T) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestTheReferenceHasEachCommandWithItsFlags(t *testing.T) {
	program := commandTree(t)
	var page []string
	for _, row := range section(t, reference, "Commands")[1:] {
		command := names(row[0])[0]
		page = append(page, command)
		var flags []string
		for _, flag := range names(row[1]) {
			flags = append(flags, strings.TrimPrefix(flag, "--"))
		}
		wantSame(t, command, flags, program[command])
	}
	wantSame(t, "commands", page, sortedKeys(program))
}

// What the emulator is told to do is like VOD, or is not: it says so. Other flags say where, and how many events there are.
func TestTheEmulatorsAccountOfItselfHasItsFlags(t *testing.T) {
	others := []string{"events", "every", "help", "host", "listen", "record", "replay", "speed", "sub-app-id", "tls", "tls-dir"}
	var program, account []string
	for _, flag := range commandTree(t)["emulate"] {
		if !slices.Contains(others, flag) {
			program = append(program, "--"+flag)
		}
	}
	for _, row := range fidelity.Rows() {
		if strings.HasPrefix(row.Subject, "--") && !slices.Contains(account, row.Subject) {
			account = append(account, row.Subject)
		}
	}
	wantSame(t, "flags", account, program)
}

func TestThePagesHaveEachExitCode(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var program []string
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "exit") && len(spec.Values) == 1 {
			if code, ok := spec.Values[0].(*ast.BasicLit); ok {
				program = append(program, code.Value)
			}
		}
		return true
	})
	for path, heading := range map[string]string{reference: "Exit codes", "README.md": "From cron"} {
		var page []string
		for _, row := range section(t, path, heading)[1:] {
			page = append(page, row[0])
		}
		wantSame(t, path, page, program)
	}
}

var (
	fieldCall = regexp.MustCompile(`\b(?:addStrs\(line, |(?:Str|Strs|Stringer|Stringers|Int|Ints|Int64|Uint|Uint32|Uint64|Float64|Bool|` +
		`Dur|Time|Bytes|Hex|RawJSON|Any|Interface|AnErr|Dict|Array|Object)\()"([a-z_0-9]+)"`)
	everyLine = []string{"level", "time", "message", "error"}
)

func TestTheReferenceHasEachFieldOfTheLog(t *testing.T) {
	program := slices.Clone(everyLine)
	for _, field := range fieldCall.FindAllStringSubmatch(programText(t), -1) {
		if !slices.Contains(program, field[1]) {
			program = append(program, field[1])
		}
	}
	var page []string
	for _, row := range section(t, reference, "The log")[1:] {
		if row[0] == "count" { // the table of counts says more of what is there already
			break
		}
		page = append(page, names(row[0])...)
	}
	wantSame(t, "fields", page, program)
}

func TestTheReferencesMessagesAreLogged(t *testing.T) {
	text := programText(t)
	for _, row := range section(t, reference, "Messages")[1:] {
		if message := names(row[0])[0]; !strings.Contains(text, message) {
			t.Errorf("nothing logs %q", message)
		}
	}
}

// The table of types says what the samples of them hold, and leaves none out.
func TestTheTableOfTypesIsThatOfTheSamples(t *testing.T) {
	var page []string
	for _, row := range section(t, "events/README.md", "The types")[1:] {
		eventType, payload := names(row[0])[0], names(row[2])[0]
		page = append(page, eventType)
		sample, err := vodtest.Fixture(eventType)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, field := range names(row[3]) {
			if !gjson.GetBytes(sample, payload+"."+field).Exists() {
				t.Errorf("the sample of %s has no %s.%s", eventType, payload, field)
			}
		}
	}
	wantSame(t, "types", page, vodtest.Fixtures())
}

// programText returns the source of the program and its packages, without tests.
func programText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", ".ci", "node_modules", "brokertest"}, entry.Name()):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
