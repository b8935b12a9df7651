package condition

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// validatePath refuses what gjson takes, and finds nothing with in any object.
func validatePath(path string) error {
	switch {
	case path == "":
		return errors.New("it is missing; write the path of a field, such as ProcedureStateChangeEvent.ErrCode")
	case strings.HasPrefix(path, "$"):
		return errors.New("this is JSONPath; write the names alone with dots between them, as gjson takes them")
	case strings.HasPrefix(path, "/"):
		return errors.New("this is a JSON Pointer; write the names with dots between them, as gjson takes them")
	case strings.HasSuffix(path, "|"), strings.HasSuffix(path, "@"):
		return errors.New("something is missing at its end; write the name of a field")
	case strings.Count(path, "@fromstr") > 1:
		return errors.New("@fromstr is there twice; write it once, a text in a text is not read")
	}
	parts := Parts(path)
	ofEach := false // the part before is for each of a list, and a | is about all of what was found
	for i, part := range parts {
		if err := part.validate(path); err != nil {
			return err
		}
		each := part.Name == "#" || part.Query != nil && strings.HasSuffix(part.Name, ")#")
		if part.Piped {
			isOne := onlyDigits.MatchString(part.Name)
			if parts[i-1].Name == "#" || ofEach && !isOne && !strings.ContainsAny(part.Name[:1], "#@") {
				return fmt.Errorf("a | behind # is about the list of all that was found, which has no fields; write %s",
					short(strings.ReplaceAll(path, "|", ".")))
			}
			ofEach = ofEach && !isOne
		}
		ofEach = ofEach || each
	}
	return nil
}

var (
	onlyDigits = regexp.MustCompile(`^[0-9]+$`)
	indexed    = regexp.MustCompile(`\[(\d+|\*)\]`)
	noDot      = regexp.MustCompile(`([^.|(])@(` + strings.Join(modifiers, "|") + `)`)
)

// modifiers are those that read a list or a text as it is: some of the others need more time, and stack, the deeper it is.
var modifiers = []string{"fromstr", "reverse", "keys", "values", "this"}

func (p Part) validate(path string) error {
	name, isModifier := strings.CutPrefix(p.Name, "@")
	name, _, _ = strings.Cut(name, ":")
	switch {
	case p.Query != nil:
		return p.validateQuery()
	case p.Name == "" || strings.ContainsAny(p.Name[:1], "!{"):
		return errors.New("it is no path of a field; write names with dots between them")
	case isModifier && !slices.Contains(modifiers, name):
		return fmt.Errorf("there is no @%s; write @fromstr for the JSON that is in a text", short(name))
	case noDot.MatchString(p.Name):
		return fmt.Errorf("a dot is missing in front of @; write %s", short(noDot.ReplaceAllString(path, "$1.@$2")))
	case indexed.MatchString(p.Name):
		dotted := strings.ReplaceAll(indexed.ReplaceAllString(path, ".$1"), ".*", ".#")
		return fmt.Errorf("this is JSONPath; write %s", short(strings.TrimPrefix(dotted, ".")))
	case strings.ContainsAny(unescaped(p.Name), "[]{}()"):
		return errors.New(`a bracket is part of no name; write List.0.Field for the first of a list, List.#.Field for each, or ` +
			`List.#(Name=="x").Field`)
	case p.Name != "#" && p.Name[0] == '#':
		return errors.New("a # stands alone, for each element of a list; write List.#.Field")
	}
	return nil
}

// unescaped returns a name without what stands behind a \.
func unescaped(name string) string { return escaped.ReplaceAllString(name, "") }

var escaped = regexp.MustCompile(`\\.`)

func (p Part) validateQuery() error {
	q := p.Query
	end := 2 + bracket(p.Name[1:])
	logic := false
	for i := range outside(p.Name) {
		logic = logic || strings.HasPrefix(p.Name[i:], "&&") || strings.HasPrefix(p.Name[i:], "||")
	}
	switch {
	case end > len(p.Name):
		return errors.New(`a bracket is not closed; write for instance List.#(Name=="x").Field`)
	case p.Name[end:] != "" && p.Name[end:] != "#":
		return errors.New(`a dot is missing behind a bracket; write for instance List.#(Name=="x").Field`)
	case logic:
		return errors.New(`a query compares once; write #(A=="x")#|#(B=="y") where both must be so`)
	case q.Path == "" && q.Op == "":
		return errors.New(`a query is empty; write for instance List.#(Name=="x").Field`)
	case q.Op != "" && !slices.Contains([]string{"==", "!=", "<", "<=", ">", ">=", "%", "!%"}, q.Op):
		return fmt.Errorf(`a query does not know %s; write ==, !=, <, <=, >, >=, or %% and !%% with a pattern`, short(q.Op))
	case q.Op != "" && (!literal.MatchString(q.Value) || q.Value == "null"):
		return errors.New(`a query compares with one value; write a number, true, false, a text in double quotes, or ~null`)
	case q.Path == "":
		return nil
	}
	return validatePath(q.Path)
}

// literal is what a query compares with. gjson takes a word without quotes for a text.
var literal = regexp.MustCompile(`^("([^"\\]|\\.)*"|~(null|true|false|\*)|[\w.:*?+-]+)$`)

// short cuts what is too long for a message.
func short(text string) string { return text[:min(len(text), 200)] }
