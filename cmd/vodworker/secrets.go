package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
)

// readSecrets fills each key that is given as a file instead: a string with the tag x_file beside one with the tag x.
// Errors hold the names of keys and files, nothing of what is in them.
func readSecrets(config *Config) error {
	return readSecretsIn(reflect.ValueOf(config), "")
}

func readSecretsIn(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return readSecretsIn(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := readSecretsIn(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		fields := map[string]reflect.Value{}
		for field, value := range v.Fields() {
			fields[field.Tag.Get("yaml")] = value
		}
		for field, value := range v.Fields() {
			tag := field.Tag.Get("yaml")
			at := strings.TrimPrefix(path+"."+tag, ".")
			name, is := strings.CutSuffix(tag, "_file")
			secret, has := fields[name]
			var err error
			if is && has {
				err = readInto(secret, value.String(), at)
			} else {
				err = readSecretsIn(value, at)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readInto fills secret from the file that the key at names, if it does.
func readInto(secret reflect.Value, file, at string) error {
	switch {
	case file == "":
		return nil
	case secret.String() != "":
		return fmt.Errorf("%s and %s are both given: leave one of them away", strings.TrimSuffix(at, "_file"), at)
	}
	text, err := readSecret(file)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	secret.SetString(text)
	return nil
}

const maxSecret = 64 << 10

// readSecret returns what is in a file, without the line end that most editors leave there.
func readSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(text), "\r\n")
	switch {
	case secret == "":
		return "", fmt.Errorf("%s is empty", path)
	case len(text) > maxSecret:
		return "", errors.New(path + " is too large to hold a secret")
	}
	return secret, nil
}
