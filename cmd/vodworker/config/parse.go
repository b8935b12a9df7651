package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/vodworker/vodworker/worker"
)

// Parse reads the text of a configuration file, over the defaults. env looks an environment variable up, as os.LookupEnv
// does; readFile reads a file that a secret is in, and need return no more than [MaxSecret] + 1 bytes of it.
//
// An error that wraps [ErrNoHandlers] comes with the Config: nothing else is wrong with it, as far as its text tells.
func Parse(text []byte, env func(string) (string, bool), readFile func(string) ([]byte, error)) (*Config, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, explain(text, err)
	}
	if len(file.Docs) > 1 {
		return nil, errors.New("it holds more than one YAML document")
	}
	config := Default()
	if len(file.Docs) == 1 && file.Docs[0].Body != nil {
		body := file.Docs[0].Body
		noted := func(name string) (string, bool) {
			config.Variables = append(config.Variables, name)
			return env(name)
		}
		if err := expand(body, noted); err != nil {
			return nil, explain(text, err)
		}
		if err := yaml.NodeToValue(body, config, yaml.Strict()); err != nil {
			return nil, explain(text, err)
		}
	}
	if err := readSecrets(config, readFile); err != nil {
		return nil, err
	}
	return config, config.validate()
}

// UnmarshalYAML decodes an Unmatched.
func (u *Unmatched) UnmarshalYAML(node ast.Node) error {
	var name string
	if err := yaml.NodeToValue(node, &name); err != nil {
		return errorAt(node, "must be confirm, leave or dead_letter")
	}
	for _, policy := range []worker.Unmatched{worker.UnmatchedConfirm, worker.UnmatchedLeave, worker.UnmatchedDeadLetter} {
		if policy.String() == name {
			*u = Unmatched(policy)
			return nil
		}
	}
	return errorAt(node, "must be confirm, leave or dead_letter")
}

// UnmarshalYAML decodes a Duration.
func (d *Duration) UnmarshalYAML(node ast.Node) error {
	var text string
	if err := yaml.NodeToValue(node, &text); err != nil {
		return errorAt(node, "not a duration such as 100ms or 5s")
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return errorAt(node, "not a duration such as 100ms or 5s: a number needs its unit")
	}
	if *d = Duration(parsed); *d > mostDuration || *d < -mostDuration {
		return errorAt(node, "a duration must be at most %v", mostDuration)
	}
	return nil
}

// UnmarshalYAML decodes a Size.
func (s *Size) UnmarshalYAML(node ast.Node) error {
	var text string
	if err := yaml.NodeToValue(node, &text); err == nil {
		for i, unit := range []string{"KiB", "MiB", "GiB", "B"} {
			number, is := strings.CutSuffix(text, unit)
			shift := 10 * (i + 1) % 40
			if n, err := strconv.ParseUint(number, 10, 63-shift); is && err == nil {
				*s = Size(n << shift)
				return nil
			}
		}
	}
	return errorAt(node, "not a size such as 512KiB, 256MiB or 2GiB: a whole number with its unit")
}

// errorAt is an error that is shown with the line and column of node. Its message must not quote the node's value:
// that may be a secret which came in through a variable.
func errorAt(node ast.Node, format string, args ...any) error {
	return &yaml.SyntaxError{Message: fmt.Sprintf(format, args...), Token: node.GetToken()}
}
