package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/kafka"
	"github.com/vodworker/vodworker/worker/sink/nats"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// An object is a part of a JSON Schema.
type object = map[string]any

// Schema returns the JSON Schema (2020-12) of configurations: their keys, types and limits. describe says what a key is, such as
// handlers[].retry.tries; "" if it can't. For a key that all brokers have it is asked for handlers[].BROKER.format and so on, too.
// A file that Parse takes is valid by it; one that is valid may still contradict itself.
func Schema(describe func(key string) string) []byte {
	c := Default()
	c.Handlers = []Handler{{}}
	all := c.withDefaults()
	s := schema{describe}.of(reflect.ValueOf(all), "")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "vodworker"
	s["patternProperties"] = object{"^x-": true} // there for anchors
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // there is nothing but texts, numbers, lists and maps in it
	}
	return append(text, '\n')
}

type schema struct {
	describe func(key string) string
}

// of returns the schema of a key. v is its default.
func (s schema) of(v reflect.Value, key string) object {
	made := s.plain(v, key)
	inHandler := strings.Replace(key, "dead_letters.", "handlers[].", 1)
	ofAll := brokerKey.ReplaceAllString(inHandler, ".BROKER.")
	if text := cmp.Or(s.describe(key), s.describe(inHandler), s.describe(ofAll)); text != "" {
		made["description"] = text
	}
	return made
}

func (s schema) plain(v reflect.Value, key string) object {
	switch t := v.Type(); {
	case choices(v, key) != nil:
		return withDefaultOf(v, anyOf(object{"enum": choices(v, key)}, object{"type": "string", "pattern": withVariable}))
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		made := s.group(reflect.Zero(t.Elem()), key)
		made["type"] = "object"
		return made
	case t.Kind() == reflect.Pointer:
		return s.plain(reflect.Zero(t.Elem()), key)
	case t.Kind() == reflect.Struct:
		return s.group(v, key)
	case t.Kind() == reflect.Map:
		value := s.plain(reflect.Zero(t.Elem()), "")
		return object{"type": []string{"object", "null"}, "additionalProperties": value, "propertyNames": object{"pattern": anyName.String()}}
	case t.Kind() == reflect.Slice:
		return s.list(v, key)
	}
	return withDefaultOf(v, scalar(v.Type(), key))
}

// list returns the schema of a list, for which a single value may stand.
func (s schema) list(v reflect.Value, key string) object {
	entry := reflect.Zero(v.Type().Elem())
	if v.Len() > 0 && entry.Kind() == reflect.Struct {
		entry = v.Index(0)
	}
	one := s.plain(entry, key+"[]")
	list := object{"type": "array", "items": one}
	if entry.Kind() == reflect.Struct {
		list["type"] = []string{"array", "null"}
		one["type"] = "object"
	}
	single := one
	switch lastName(key) {
	case "in", "not_in":
		list["minItems"] = 1
	case "command": // there is no shell
		list["minItems"] = 1
		single = object{"type": "string", "pattern": `^\S+$`}
	}
	made := anyOf(single, list)
	if entry.Kind() == reflect.Struct {
		return made
	}
	return withDefaultOf(v, made)
}

func (s schema) group(v reflect.Value, key string) object {
	properties := object{}
	for name, field := range fieldsOf(v.Type()) {
		if at := join(key, name); !refused.MatchString(at) {
			properties[name] = s.of(v.FieldByIndex(field.Index), at)
		}
	}
	made := object{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
	if needed := required[v.Type()]; needed != nil {
		made["required"] = needed
	}
	if one := oneNeeded[v.Type()]; one != nil {
		var each []object
		for _, name := range one {
			each = append(each, object{"required": []string{name}})
		}
		made["oneOf"] = each
	}
	return made
}

var (
	required = map[reflect.Type][]string{
		reflect.TypeFor[Handler]():             {"name"},
		reflect.TypeFor[sink.FileOptions]():    {"path"},
		reflect.TypeFor[sink.ExecOptions]():    {"command"},
		reflect.TypeFor[sink.WebhookOptions](): {"url"},
		reflect.TypeFor[kafka.Options]():       {"brokers", "topic"},
		reflect.TypeFor[nats.Options]():        {"servers", "stream", "subject"},
		reflect.TypeFor[redis.Options]():       {"url", "stream"},
		reflect.TypeFor[rabbitmq.Options]():    {"url"},
		reflect.TypeFor[condition.Condition](): {"json"},
	}

	// oneNeeded are keys of which there must be just one.
	oneNeeded = map[reflect.Type][]string{
		reflect.TypeFor[Handler]():             namesOf(reflect.TypeFor[Place]()),
		reflect.TypeFor[condition.Condition](): {"in", "not_in", "prefix", "exists"},
	}
)

// refused are keys that a place has elsewhere: stdout keeps nothing, and letters have a form of their own.
var refused = regexp.MustCompile(`^dead_letters\.(stdout|\w+\.format)$`)

// withVariable matches a value of which nobody knows before a variable is put into it.
const withVariable = `\$\{`

// scalar returns the schema of one value. Whatever it is, it may be a text: that is how a variable is written.
func scalar(t reflect.Type, key string) object {
	of := func(types []string, pattern string) object {
		return object{"type": append(types, "string"), "pattern": pattern + "|" + withVariable}
	}
	var made object
	switch t {
	case reflect.TypeFor[Duration]():
		made = of([]string{"integer"}, `^[+-]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`)
		made["minimum"], made["maximum"] = 0, 0 // the only one without a unit
		return made
	case reflect.TypeFor[Size]():
		return of(nil, `^[0-9]+(B|KiB|MiB|GiB)$`)
	case reflect.TypeFor[EventPattern]():
		return anyOf(object{"enum": eventNames()}, object{"type": "string", "pattern": `[*?\[\\]|` + withVariable})
	}
	switch t.Kind() {
	case reflect.Bool:
		return of([]string{"boolean"}, `^(true|false)$`)
	case reflect.Int, reflect.Int64:
		made = of([]string{"integer"}, wholeText.String())
	case reflect.Uint64:
		made = of([]string{"integer"}, `^(0|[1-9][0-9]*)$`)
		made["minimum"] = 0
	case reflect.Float64:
		made = of([]string{"number"}, numberText.String())
	default: // a text, which needs no quotes
		return object{"type": []string{"string", "number", "boolean"}}
	}
	if bounds, has := limits[key]; has {
		made["minimum"], made["maximum"] = bounds[0], bounds[1]
	}
	return made
}

var limits = map[string][2]float64{
	"vod.rate":               {leastRate, mostRate},
	"worker.concurrency":     {1, worker.MaxConcurrency},
	"handlers[].retry.tries": {1, mostTries},
	"dead_letters.attempts":  {0, mostAttempts},
}

// choices returns the values that a key may have; nil if they can't be counted.
func choices(v reflect.Value, key string) []string {
	switch v.Interface().(type) {
	case Unmatched:
		return unmatchedNames()
	case sink.Format:
		all := []string{string(sink.FormatCallback), string(sink.FormatCloudEvents), string(sink.FormatCloudEventsBinary)}
		if strings.HasSuffix(key, ".redis.format") { // an entry has one field
			return all[:2]
		}
		return all
	case sink.UnknownTypes:
		return []string{string(sink.UnknownTypesOther), string(sink.UnknownTypesAsIs)}
	case kafka.Mechanism:
		return []string{string(kafka.Plain), string(kafka.ScramSHA256), string(kafka.ScramSHA512)}
	case rabbitmq.Unroutable:
		return []string{string(rabbitmq.UnroutableWaits), string(rabbitmq.UnroutableFails)}
	case sink.StdoutFormat:
		return []string{string(sink.StdoutText), string(sink.StdoutJSON)}
	}
	return map[string][]string{"log.level": logLevels, "log.format": logFormats}[key]
}

func eventNames() (names []string) {
	for _, known := range events.Types() {
		names = append(names, string(known))
		if alias := known.Alias(); alias != "" {
			names = append(names, string(alias))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// withDefaultOf adds a default, if it is one that can be written.
func withDefaultOf(v reflect.Value, made object) object {
	if text, is := v.Interface().(fmt.Stringer); is {
		made["default"] = text.String()
	} else if !v.IsZero() {
		made["default"] = v.Interface()
	}
	return made
}

func anyOf(schemas ...object) object { return object{"anyOf": schemas} }

// Describe returns what a page says of keys, for [Schema]: its rows are | `KEY` | default | TEXT |.
func Describe(page string) func(key string) string {
	rows := map[string]string{}
	for _, row := range keyRow.FindAllStringSubmatch(page, -1) {
		rows[row[1]] = pageLink.ReplaceAllString(row[2], "$1")
	}
	return func(key string) string { return rows[key] }
}

var (
	keyRow    = regexp.MustCompile("(?m)^\\| `([A-Za-z_.\\[\\]]+)` \\|[^|]*\\| (.*) \\|$")
	brokerKey = regexp.MustCompile(`\.(kafka|nats|redis|rabbitmq)\.`)
	pageLink  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)
