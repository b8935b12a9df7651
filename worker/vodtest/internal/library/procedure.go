package library

import (
	"fmt"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A Procedure is what a task flow template asks for.
type Procedure []job

// Presets are the procedures that every application has, by name, as VOD documents them.
func Presets() map[string]Procedure {
	return map[string]Procedure{
		"LongVideoPreset":        {adaptive.job(10), sprite.job(10), cover.job(10)},
		"SimpleAesEncryptPreset": {adaptive.job(12), sprite.job(10), cover.job(10)},
	}
}

// ParseProcedure reads a procedure as in AdaptiveDynamicStreaming:10+CoverBySnapshot:10: the types of the results, as the API
// calls them, and the templates. What needs a point in time beside its template takes the beginning of the file.
func ParseProcedure(text string) (Procedure, error) {
	var all Procedure
	for part := range strings.SplitSeq(text, "+") {
		name, number, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			return nil, fmt.Errorf("procedure %.60q: write TYPE:DEFINITION, as in Transcode:100020, and + between two of them", text)
		}
		kind := kindNamed(name)
		if kind == nil {
			return nil, fmt.Errorf("procedure %.60q: there is no result of the type %.60q; there are %s", text, name, kindNames())
		}
		definition, err := parseTemplate(number)
		if err != nil {
			return nil, fmt.Errorf("procedure %.60q: %w", text, err)
		}
		if all = append(all, kind.job(definition)); len(all) > maxJobs {
			return nil, fmt.Errorf("a procedure asks for more than %d things", maxJobs)
		}
	}
	return all, nil
}

// procedureNamed returns what a procedure does.
func (l *Library) procedureNamed(name string) ([]job, error) {
	jobs := l.rules.Procedures[name]
	if jobs == nil {
		return nil, api.Refuse("InvalidParameterValue.ProcedureName", "there is no procedure %.60q", name)
	}
	return jobs, nil
}
