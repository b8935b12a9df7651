package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// MaxSecret is how many bytes a file may have that a secret is in.
const MaxSecret = 64 << 10

// Secret returns the secret in the text of a file, without the line end that most editors leave there. An empty one is an
// error, and so is a text longer than [MaxSecret]. Errors name the file, and hold nothing of what is in it.
func Secret(file string, text []byte) (string, error) {
	secret := strings.TrimRight(string(text), "\r\n")
	switch {
	case secret == "":
		return "", fmt.Errorf("%s is empty", file)
	case len(text) > MaxSecret:
		return "", errors.New(file + " is too large to hold a secret")
	}
	return secret, nil
}

// A secretReader fills each key that is given as a file instead: a string with the tag x_file beside one with the tag x, or a
// list of files beside a list.
// Errors hold the names of keys and files, nothing of what is in them.
type secretReader struct {
	readFile func(string) ([]byte, error)
}

func readSecrets(config *Config, readFile func(string) ([]byte, error)) error {
	return secretReader{readFile}.in(reflect.ValueOf(config), "")
}

func (r secretReader) in(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return r.in(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := r.in(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
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
			switch {
			case tag == "-": // not in the file
			case tag == ",inline":
				err = r.in(value, path)
			case is && has:
				err = r.fill(secret, value, at)
			default:
				err = r.in(value, at)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// fill fills secret from the file that the key at names, or its list from several, if it does.
func (r secretReader) fill(secret, files reflect.Value, at string) error {
	switch {
	case files.Len() == 0:
		return nil
	case secret.Len() > 0:
		return fmt.Errorf("%s and %s are both given: omit one of them", strings.TrimSuffix(at, "_file"), at)
	case files.Kind() == reflect.String:
		found, err := r.read(files.String(), at)
		secret.SetString(found)
		return err
	}
	for i := range files.Len() {
		found, err := r.read(files.Index(i).String(), fmt.Sprintf("%s[%d]", at, i))
		if err != nil {
			return err
		}
		secret.Set(reflect.Append(secret, reflect.ValueOf(found)))
	}
	return nil
}

// read returns the secret in a file.
func (r secretReader) read(file, at string) (string, error) {
	text, err := r.readFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", at, err)
	}
	found, err := Secret(file, text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", at, err)
	}
	return found, nil
}
