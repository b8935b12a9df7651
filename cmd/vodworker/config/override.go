package config

import (
	"reflect"
	"strings"
)

// overrides are the variables of the environment that stand for a key, whatever the file says: an image or a unit knows these values,
// and can't write into a file that is its user's. Empty ones are not set.
var overrides = []struct{ name, key string }{
	{"VODWORKER_ADMIN_LISTEN", "admin.listen"},
	{"VODWORKER_STOP_GRACE", "worker.stop_grace"},
}

// override puts variables in the place of keys. Mistakes in them name the variable in place of the key.
func (d *decoder) override(config *Config, env func(string) (string, bool)) {
	for _, o := range overrides {
		text, set := env(o.name)
		if !set || text == "" {
			continue
		}
		field := reflect.ValueOf(config).Elem()
		for name := range strings.SplitSeq(o.key, ".") {
			field = field.FieldByIndex(fieldsOf(field.Type())[name].Index)
		}
		d.overridden[o.key] = o.name
		d.put(nil, field, o.key, text)
	}
}
