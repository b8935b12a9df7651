package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/sink"
)

// Hidden is in the place of a secret.
const Hidden = "***"

// A Setting is one value of a configuration as it holds, and where it is from. It shows no secret.
type Setting struct {
	// Key is that of the value, such as handlers[0].retry.tries.
	Key string `json:"key"`

	// Value is a string, a number, a boolean or a []any of those. A text that has variables in it is as the file has it, since
	// their values may be secrets. A secret is [Hidden]. Of a URL scheme and host are shown.
	Value any `json:"value"`

	// From is the file and the line, with the names of the variables in the value; a variable that stands for the key; or default.
	From string `json:"from"`

	path []string
}

// Settings returns what holds, in the order of the manual, with the defaults of what the file does not say. What has no default is
// not there unless it is given. Of a secret that is in a file the name of that file is there.
func (c *Config) Settings() []Setting {
	l := lister{Config: c}
	l.group(reflect.ValueOf(c.withDefaults()), nil, "", true)
	return l.all
}

// withDefaults returns the configuration with what a zero stands for.
func (c *Config) withDefaults() Config {
	all := *c
	all.Confirm.Margin = cmp.Or(c.Confirm.Margin, c.VOD.Window-c.handling())
	all.Handlers = slices.Clone(c.Handlers)
	for i := range all.Handlers {
		h := &all.Handlers[i]
		if len(h.Events) == 0 {
			h.Events = []EventPattern{"*"}
		}
		h.Timeout = cmp.Or(h.Timeout, c.handlersTime())
		retry := h.Retry.of().WithDefaults()
		h.Retry = Retry{retry.Tries, Duration(retry.Initial), Duration(retry.Max)}
		h.Place = h.withDefaults()
	}
	all.DeadLetters.Place = c.DeadLetters.Clone()
	if broker := all.DeadLetters.Broker(); broker != nil { // letters have a form of their own
		broker.UnknownTypes = cmp.Or(broker.UnknownTypes, sink.UnknownTypesOther)
	}
	return all
}

// A lister collects the settings of a Config.
type lister struct {
	*Config
	all []Setting
}

// group lists the fields of a struct. Those that are nothing are listed only if every configuration has them.
func (l *lister) group(v reflect.Value, path []string, key string, always bool) {
	fields := fieldsOf(v.Type())
	for _, name := range namesOf(v.Type()) {
		value, at := v.FieldByIndex(fields[name].Index), join(key, name)
		if file, is := fields[name+"_file"]; is {
			value = without(value, v.FieldByIndex(file.Index))
		}
		switch isGroup := value.Kind() == reflect.Struct; {
		case !value.IsValid(), value.Kind() == reflect.Pointer && value.IsNil():
		case value.IsZero() && !isGroup && !always && !l.given(at):
		default:
			l.value(value, append(slices.Clone(path), name), at, always)
		}
	}
}

// without returns a secret as far as no file has it: no value if one has all of it.
func without(secret, file reflect.Value) reflect.Value {
	switch {
	case file.Len() == 0:
		return secret
	case secret.Kind() != reflect.Map:
		return reflect.Value{}
	}
	rest := reflect.MakeMap(secret.Type())
	for name, value := range secret.Seq2() {
		if !file.MapIndex(name).IsValid() {
			rest.SetMapIndex(name, value)
		}
	}
	return rest
}

func (l *lister) value(v reflect.Value, path []string, key string, always bool) {
	switch {
	case v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct:
		l.group(v.Elem(), path, key, false)
	case v.Kind() == reflect.Struct:
		l.group(v, path, key, always)
	case v.Kind() == reflect.Map:
		for _, name := range slices.Sorted(maps.Keys(v.Interface().(map[string]string))) {
			l.value(v.MapIndex(reflect.ValueOf(name)), append(slices.Clone(path), name), join(key, name), false)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct && v.Len() > 0:
		for i := range v.Len() {
			entry := fmt.Sprintf("[%d]", i)
			l.group(v.Index(i), append(slices.Clone(path), entry), key+entry, false)
		}
	case v.Kind() == reflect.Slice:
		l.list(v, path, key)
	default:
		shown, variables := l.scalar(reflect.Indirect(v), key)
		l.add(path, key, shown, variables)
	}
}

// list lists a list of texts or numbers. Several texts of one variable are one text.
func (l *lister) list(v reflect.Value, path []string, key string) {
	values, variables := []any{}, []string(nil)
	var last spot
	for i := range v.Len() {
		at := fmt.Sprintf("%s[%d]", key, i)
		shown, of := l.scalar(v.Index(i), at)
		here := l.spot(at)
		if len(of) > 0 && here == last && isFreeText(v.Index(i), at) {
			continue
		}
		last, values, variables = here, append(values, shown), append(variables, of...)
	}
	l.add(path, key, values, variables)
}

// scalar returns what may be shown of a value, and the variables in it.
func (l *lister) scalar(v reflect.Value, key string) (shown any, variables []string) {
	text, hasVariables := l.texts(key)
	for _, match := range reference.FindAllString(text, -1) {
		if name := withDefault.FindStringSubmatch(strings.Trim(match, "${}")); name != nil {
			variables = append(variables, "${"+name[1]+"}")
		} else if match != "$${" {
			variables = append(variables, match)
		}
	}
	if value, is := v.Interface().(fmt.Stringer); is { // nothing of a secret can be read as one
		return value.String(), variables
	}
	if v.Kind() != reflect.String {
		return v.Interface(), variables
	}
	if !hasVariables || !isFreeText(v, key) {
		text = v.String()
	}
	public := withoutSecrets(key, text)
	if public == "" && text != "" {
		public = Hidden
	}
	return public, variables
}

// isFreeText reports whether a value may be any text, so that it may be a secret too.
func isFreeText(v reflect.Value, key string) bool {
	return v.Kind() == reflect.String && v.Type() != reflect.TypeFor[EventPattern]() && choices(v, key) == nil
}

func (l *lister) add(path []string, key string, value any, variables []string) {
	from := "default"
	if l.given(key) {
		from = fmt.Sprintf("%s:%d", printable(l.source.file), l.line(key))
	}
	if names := slices.Compact(variables); len(names) > 0 {
		from += ", " + strings.Join(names, " ")
	}
	if l.source != nil && l.source.overridden[key] != "" {
		from = l.source.overridden[key]
	}
	l.all = append(l.all, Setting{Key: key, Value: value, From: from, path: path})
}

func (l *lister) given(key string) bool { return l.source != nil && l.isGiven(key) }

func (l *lister) spot(key string) spot {
	if l.source == nil {
		return spot{}
	}
	return l.source.spots[key]
}

// texts returns a value as it is written, if there are variables in it.
func (l *lister) texts(key string) (text string, has bool) {
	if l.source == nil || l.source.overridden[key] != "" {
		return "", false
	}
	text, has = l.source.unexpanded[key]
	return text, has
}
