package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/vodworker/vodworker/worker/sink"
)

// A Place is where events go: exactly one of its fields is set. What its options mean, and whether they are valid, says the sink
// that they are for.
type Place struct {
	Stdout  *sink.StdoutOptions  `yaml:"stdout"`
	File    *sink.FileOptions    `yaml:"file"`
	Exec    *sink.ExecOptions    `yaml:"exec"`
	Webhook *sink.WebhookOptions `yaml:"webhook"`
}

// Kind returns the key of the place that is set, such as webhook; nothing if none is.
func (p Place) Kind() string {
	if given := p.given(); len(given) > 0 {
		return given[0]
	}
	return ""
}

// given returns the keys of the places that are set.
func (p Place) given() (keys []string) {
	for field, value := range reflect.ValueOf(p).Fields() {
		if !value.IsNil() {
			keys = append(keys, field.Tag.Get("yaml"))
		}
	}
	return keys
}

// exactlyOne returns an error unless that many places are set.
func (p Place) exactlyOne() error {
	if len(p.given()) == 1 {
		return nil
	}
	var all []string
	for field := range reflect.TypeFor[Place]().Fields() {
		all = append(all, field.Tag.Get("yaml"))
	}
	return fmt.Errorf("needs exactly one of %s; one without settings is written as stdout: {}", strings.Join(all, ", "))
}
