package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/vodworker/vodworker/worker/sink"
)

// A Place is where events go: exactly one of its fields is set, the options of the sink that is there.
type Place struct {
	Stdout  *sink.StdoutOptions  `yaml:"stdout"`
	File    *sink.FileOptions    `yaml:"file"`
	Exec    *sink.ExecOptions    `yaml:"exec"`
	Webhook *sink.WebhookOptions `yaml:"webhook"`
}

// Kind returns the key of the place that is set, such as webhook; nothing if none is.
func (p Place) Kind() string {
	if keys, _ := p.given(); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// Options returns what is set, such as a *sink.WebhookOptions; nil if nothing is.
func (p Place) Options() any {
	if _, options := p.given(); len(options) > 0 {
		return options[0]
	}
	return nil
}

// given returns the keys of the places that are set, and their options.
func (p Place) given() (keys []string, options []any) {
	for field, value := range reflect.ValueOf(p).Fields() {
		if !value.IsNil() {
			keys, options = append(keys, field.Tag.Get("yaml")), append(options, value.Interface())
		}
	}
	return keys, options
}

// validate returns an error unless exactly one place is set, with options that its sink accepts.
func (p Place) validate() error {
	if given, _ := p.given(); len(given) == 1 {
		return p.validateOptions()
	}
	var all []string
	for field := range reflect.TypeFor[Place]().Fields() {
		all = append(all, field.Tag.Get("yaml"))
	}
	return fmt.Errorf("it needs exactly one of %s; one without settings is written as stdout: {}", strings.Join(all, ", "))
}

func (p Place) validateOptions() error {
	if options, ok := p.Options().(interface{ Validate() error }); ok {
		return options.Validate()
	}
	return nil
}
