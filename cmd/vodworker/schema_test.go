package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

// schemaOf returns what an editor checks configurations by.
func schemaOf(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	var schema jsonschema.Schema
	if err := json.Unmarshal(config.Schema(config.Describe(referencePage)), &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// plainAddress matches an address without quotes within { }, of which this parser, unlike those of editors, makes a key.
var plainAddress = regexp.MustCompile(`([\[ ,])([\w.-]+(?:://[\w.-]+)?:[0-9]+)([\],}])`)

// checkBySchema returns what an editor would say of a text.
func checkBySchema(schema *jsonschema.Resolved, text string) error {
	var values any
	text = plainAddress.ReplaceAllString(text, `$1"$2"$3`)
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		return err
	}
	encoded, err := json.Marshal(values) // as JSON has them: with texts for keys
	if err != nil {
		return err
	}
	if err := json.Unmarshal(encoded, &values); err != nil {
		return err
	}
	return schema.Validate(values)
}

// Of a mistake in its keys or its shapes an editor knows before the program does, and of most in single values.
func TestTheSchemaRefusesMistakesOfShape(t *testing.T) {
	schema := schemaOf(t)
	refuse := func(m mistake) {
		t.Helper()
		if err := checkBySchema(schema, m.text); err == nil {
			t.Errorf("the schema takes\n%s\nwant %s", m.text, m.want)
		}
	}
	for _, m := range slices.Concat(mistakesKeys, mistakesShapes) {
		refuse(m)
	}
	n := 0
	for _, m := range slices.Concat(mistakesText, mistakesValues, mistakesLimits, mistakesPlaces, mistakesWebhook, mistakesCallback, mistakesWhere) {
		if seenBySchema.MatchString(m.want) && !strings.Contains(m.text, "${") {
			n++
			refuse(m)
		}
	}
	if n < 20 {
		t.Errorf("these are %d", n)
	}
}

var seenBySchema = regexp.MustCompile(`unknown key|must hold keys|one value is needed|nothing stands behind|the list is empty|no such format|` +
	`no event type has|needs its unit|letters have a form|it must be (a number|true|from|confirm|debug|auto)|exactly one|one of in`)

func TestTheSchemaTakesWhatTheProgramTakes(t *testing.T) {
	schema := schemaOf(t)
	manual := document(t, "config.yaml")
	texts := []string{withVariables, manual, strings.ReplaceAll(manual, "#:", "")}
	for path := range documents {
		for _, b := range blocksOf(document(t, path), "yaml") {
			texts = append(texts, b.text)
		}
	}
	scripts, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) == ".yaml" {
				texts = append(texts, string(file.Data))
			}
		}
	}
	n := 0
	for _, text := range texts {
		_, err := config.Parse("c.yaml", []byte(text), anyVariable, func(string) ([]byte, error) { return []byte(base64Secret), nil })
		if err != nil && !errors.Is(err, config.ErrNoHandlers) {
			if text == withVariables || text == manual {
				t.Error(err)
			}
			continue
		}
		n++
		if err := checkBySchema(schema, text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	if n < 60 {
		t.Errorf("these are %d of %d", n, len(texts))
	}
}

// withVariables has one in values of each type, and what is there for anchors.
const withVariables = `
x-shared: &shared {timeout: 5s}
vod: {rate: "${UNSET:-5}", window: "${UNSET:-30s}", sub_app_ids: "${UNSET:-7,8}"}
worker: {concurrency: "${UNSET:-5}", memory: "${UNSET:-256MiB}", unmatched: "${UNSET:-confirm}"}
admin: {pprof: "${UNSET:-false}"}
log: {level: "${UNSET:-info}"}
handlers: {<<: *shared, name: a, events: "${UNSET:-NewFileUpload,FileDeleted}", exec: {command: "${UNSET:-cat}"}}
`

const base64Secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func anyVariable(name string) (string, bool) {
	if strings.Contains(name, "SECRET") || strings.Contains(name, "KEY") {
		return base64Secret, true
	}
	return "http://192.0.2.1", name != "UNSET" && !strings.HasPrefix(name, "VODWORKER_")
}

// Whoever completes a key in an editor reads what it is.
func TestTheSchemaSaysOfEachKeyWhatItIs(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(config.Schema(config.Describe(referencePage)), &schema); err != nil {
		t.Fatal(err)
	}
	if keys := undescribed(schema, ""); len(keys) > 0 {
		t.Errorf("nothing is said of %q", keys)
	}
	rate := schema["properties"].(map[string]any)["vod"].(map[string]any)["properties"].(map[string]any)["rate"].(map[string]any)
	wantEqual(t, "the default", rate["default"], any(99.0))
	wantEqual(t, "the maximum", rate["maximum"], any(10_000.0))
	wantEqual(t, "the text", rate["description"],
		any("calls a second of each action, of all applications together: 0.1 to 10,000; the quota of an account is 100"))
}

// undescribed returns the keys that hold a value and have no description.
func undescribed(schema map[string]any, key string) (all []string) {
	properties, isGroup := schema["properties"].(map[string]any)
	for name, below := range properties {
		all = append(all, undescribed(below.(map[string]any), key+"."+name)...)
	}
	either, _ := schema["anyOf"].([]any)
	for _, one := range either {
		if one := one.(map[string]any); one["properties"] != nil {
			return undescribed(one, key+"[]")
		}
	}
	if !isGroup && schema["description"] == nil {
		all = append(all, key)
	}
	return all
}
