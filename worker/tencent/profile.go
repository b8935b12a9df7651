package tencent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// fromProfile reads the profile file, and reads it again each time that it is asked.
func fromProfile(ctx context.Context) (Provider, Credentials, error) {
	path, named := os.LookupEnv(EnvProfile)
	switch {
	case named && path == "":
		return nil, Credentials{}, fmt.Errorf("%s is set, but empty: name a profile file, or unset it", EnvProfile)
	case strings.Trim(path, "\"' \t\r\n") != path:
		return nil, Credentials{}, fmt.Errorf("%s has quotes or white space around its value, as docker's --env-file keeps them: "+
			"take them out", EnvProfile)
	case !named:
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, Credentials{}, absence{errors.New("no profile file: no home folder")}
		}
		path = filepath.Join(home, ".tencentcloud", "credentials")
		if _, err := os.Stat(path); err != nil { // one that is there and can't be read is an error
			return nil, Credentials{}, absence{fmt.Errorf("no profile file %s", path)}
		}
	}
	provider := func(context.Context) (Credentials, error) { return readProfile(path) }
	first, err := provider(ctx)
	return provider, first, err
}

func readProfile(path string) (Credentials, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		if long, ok := errors.AsType[*fs.PathError](err); ok {
			err = long.Err // without the path, which stands there already
		}
		return Credentials{}, fmt.Errorf("profile file %s: %w", path, err)
	}
	values := defaultSection(string(text))
	c := Credentials{
		SecretID: values["secret_id"], IDFrom: "secret_id in the profile file " + path,
		SecretKey: values["secret_key"], KeyFrom: "secret_key in the profile file " + path,
		Token: values["token"], TokenFrom: "token in the profile file " + path,
	}
	if wrong := profileFlaw(string(text), values); wrong != "" {
		return Credentials{}, fmt.Errorf("profile file %s%s", path, wrong)
	}
	return c, nil
}

// defaultSection returns what the section [default] of a profile file says. It reads as the SDKs do, but skips a byte order mark
// in front: theirs would take the line behind it for no section.
func defaultSection(text string) map[string]string {
	values, section := map[string]string{}, ""
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			if section = line[1 : len(line)-1]; section == "default" {
				clear(values) // the last one counts
			}
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && section == "default" && !strings.ContainsAny(line[:1], "#;") {
			values[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return values
}
