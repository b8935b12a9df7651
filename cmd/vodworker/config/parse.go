package config

import (
	"errors"
	"reflect"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/vodworker/vodworker/worker"
)

// Parse reads the text of a configuration, over the defaults. file is its name, for errors only. env looks an environment
// variable up, as os.LookupEnv does; readFile reads a file that a secret is in, and need return no more than [MaxSecret] + 1
// bytes of it.
//
// The error holds an [Error] for each independent mistake, in the order of the file, joined by [errors.Join]. One that wraps
// [ErrNoHandlers] comes with the Config: nothing else is wrong with it, as far as its text tells.
func Parse(file string, text []byte, env func(string) (string, bool), readFile func(string) ([]byte, error)) (*Config, error) {
	source, plain, wrong := newSource(file, text)
	if wrong != nil {
		return nil, wrong
	}
	source.oddVariables, source.overridden, source.unexpanded = map[string]string{}, map[string]string{}, map[string]string{}
	tree, err := parser.ParseBytes([]byte(plain), 0)
	if err != nil {
		return nil, source.syntax(err)
	}
	config := Default()
	config.source = source
	body, wrong := source.body(tree)
	if wrong != nil {
		return nil, wrong
	}
	d := &decoder{source: source, open: map[any]bool{}, lookup: func(name string) (string, bool) {
		config.Variables = append(config.Variables, name)
		return env(name)
	}}
	if body != nil {
		d.findAnchors(body)
		d.value(body, reflect.ValueOf(config).Elem(), "")
	}
	d.override(config, env)
	readSecrets(config, readFile)
	config.validate()
	if len(source.errs) > 0 {
		return nil, source.err()
	}
	config.Warnings = source.sortedWarnings()
	if len(config.Handlers) == 0 {
		missing := source.say("handlers", "%v", ErrNoHandlers)
		missing.cause = ErrNoHandlers
		return config, missing
	}
	return config, nil
}

// body returns what a file holds; nil if it is empty.
func (s *source) body(tree *ast.File) (ast.Node, *Error) {
	var bodies []ast.Node
	for _, doc := range tree.Docs {
		switch doc.Body.(type) {
		case nil:
		case *ast.DirectiveNode: // such as %YAML 1.2
		default:
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) > 1 {
		second := position(bodies[1])
		return nil, s.newError(second.Line, second.Column, "…", "a second YAML document begins here; take the --- above it out")
	}
	if len(bodies) == 0 {
		return nil, nil
	}
	s.spots[""] = spot{value: bodies[0]}
	return bodies[0], nil
}

// UnmarshalText reads an Unmatched.
func (u *Unmatched) UnmarshalText(text []byte) error {
	for i, name := range unmatchedNames() {
		if name == string(text) {
			*u = Unmatched(unmatched[i])
			return nil
		}
	}
	return errors.New("it must be " + oneOf(unmatchedNames()))
}

func (u Unmatched) String() string { return worker.Unmatched(u).String() }

var unmatched = []worker.Unmatched{worker.UnmatchedConfirm, worker.UnmatchedLeave, worker.UnmatchedDeadLetter}

func unmatchedNames() (names []string) {
	for _, policy := range unmatched {
		names = append(names, policy.String())
	}
	return names
}
