package config

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// MaxSecret is how many bytes a file may have that a secret is in.
const MaxSecret = 64 << 10

// Secret returns the secret in the text of a file, without the line end that most editors leave there, and without a byte order
// mark. A text that is no secret is an error: an empty one, one of several lines, one longer than [MaxSecret]. Errors name the
// file, and hold nothing of what is in it.
func Secret(file string, text []byte) (string, error) {
	secret, err := secretIn(text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return secret, nil
}

func secretIn(text []byte) (string, error) {
	secret := strings.TrimRight(strings.TrimPrefix(string(text), bom), "\r\n")
	switch {
	case len(text) > MaxSecret:
		return "", errors.New("it is too large to hold a secret; name the right file")
	case secret == "":
		return "", errors.New("the file is empty; put the secret into it")
	case strings.ContainsAny(secret, "\r\n"):
		return "", errors.New("the file has more than one line; leave only the secret in it")
	case strings.ContainsRune(secret, 0) || strings.ToValidUTF8(secret, "") != secret:
		return "", errors.New("the file is not UTF-8 text; save it as UTF-8")
	case strings.TrimSpace(secret) != secret:
		return "", errors.New("the file has white space around the secret; take it away")
	case keptQuotes(secret) != "":
		return "", errors.New("the file has quotes around the secret; take them away")
	}
	return secret, nil
}

// A secretReader fills each key that is given as a file instead: a string with the tag x_file beside one with the tag x, a
// list of files beside a list, or names with files beside names with values.
type secretReader struct {
	*source
	readFile func(string) ([]byte, error)
}

func readSecrets(config *Config, readFile func(string) ([]byte, error)) {
	secretReader{config.source, readFile}.in(reflect.ValueOf(config).Elem(), "")
}

func (r secretReader) in(v reflect.Value, key string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			r.in(v.Elem(), key)
		}
	case reflect.Slice:
		for i := range v.Len() {
			r.in(v.Index(i), fmt.Sprintf("%s[%d]", key, i))
		}
	case reflect.Struct:
		fields := fieldsOf(v.Type())
		for name, field := range fields {
			value := v.FieldByIndex(field.Index)
			secret, is := fields[strings.TrimSuffix(name, "_file")]
			if is && strings.HasSuffix(name, "_file") {
				r.fill(v.FieldByIndex(secret.Index), value, join(key, name))
				r.refuseEmpty(v.FieldByIndex(secret.Index), join(key, name))
				continue
			}
			r.in(value, join(key, name))
		}
	}
}

// fill fills secret from the file that the key names, or its list from several, if it does.
func (r secretReader) fill(secret, files reflect.Value, key string) {
	switch {
	case files.Kind() == reflect.Map:
		r.fillMap(secret, files, key)
	case files.Len() == 0:
	case secret.Len() > 0:
		r.bad(key, "%s is given too; omit one of them", strings.TrimSuffix(key, "_file"))
	case files.Kind() == reflect.String:
		secret.SetString(r.read(files.String(), key))
	default:
		for i := range files.Len() {
			found := r.read(files.Index(i).String(), fmt.Sprintf("%s[%d]", key, i))
			secret.Set(reflect.Append(secret, reflect.ValueOf(found)))
		}
	}
}

// fillMap fills the entries of secret that the key names files for.
func (r secretReader) fillMap(secret, files reflect.Value, key string) {
	if files.Len() > 0 && secret.IsNil() {
		secret.Set(reflect.MakeMap(secret.Type()))
	}
	for name, file := range files.Seq2() {
		at := join(key, name.String())
		if secret.MapIndex(name).IsValid() {
			r.bad(at, "%s is given too; omit one of them", join(strings.TrimSuffix(key, "_file"), name.String()))
			continue
		}
		secret.SetMapIndex(name, reflect.ValueOf(r.read(file.String(), at)))
	}
}

// refuseEmpty notes a secret that is given and empty, itself or as a file: nothing would be signed, and nobody told.
func (r secretReader) refuseEmpty(secret reflect.Value, fileKey string) {
	key := strings.TrimSuffix(fileKey, "_file")
	if secret.Len() > 0 || secret.Kind() != reflect.String || strings.HasPrefix(key, "vod.credentials.secret_") {
		return // validateCredentials looks at those
	}
	for _, key := range []string{key, fileKey} {
		at, given := r.spots[key]
		text := written(at.value)
		switch {
		case !given || r.hasErrorAt(at): // it is empty by that
		case text == "" && (strings.HasPrefix(key, "callback.") || strings.HasPrefix(key, "admin.") || strings.HasPrefix(key, "inbox.")): // the default, as the manual has it
		case strings.HasSuffix(text, emptyDefault) && mayBeEmpty.MatchString(key): // the file says so itself
		default:
			r.bad(key, "it is empty; give it, or take the key out")
		}
	}
}

// hasErrorAt reports whether a mistake is noted at a spot, whether or not its key is known.
func (s *source) hasErrorAt(at spot) bool {
	where := at.position()
	return slices.ContainsFunc(s.errs, func(err *Error) bool { return err.Line == where.Line && err.Column == where.Column })
}

// mayBeEmpty matches what many do without: a token, an inbox, and a sign key, whose lack is warned of.
var mayBeEmpty = regexp.MustCompile(`^(vod\.credentials\.token|callback\.sign_key|inbox\.url)(_file)?$`)

// read returns the secret in a file; a stand-in if there is none, so that nothing else misses it.
func (r secretReader) read(file, key string) string {
	const standIn = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg"
	text, err := r.readFile(file)
	if err == nil {
		var found string
		if found, err = secretIn(text); err == nil {
			return found
		}
	}
	switch {
	case file == "":
		r.bad(key, "it is empty; name a file")
	case errors.Is(err, fs.ErrNotExist):
		r.bad(key, "there is no such file; make it, or name another")
	case errors.Is(err, fs.ErrPermission):
		r.bad(key, "the file may not be read; give the user of vodworker the right to read it")
	case strings.Contains(err.Error(), "is a directory"):
		r.bad(key, "this is a folder; name the file in it")
	default:
		if path, is := errors.AsType[*fs.PathError](err); is { // it has the name that a variable stands for
			err = path.Err
		}
		r.bad(key, "%v", err)
	}
	return standIn
}
