package usage

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
)

// A value is a flag's, with our words for what it refuses.
type value struct {
	pflag.Value
	flag  *pflag.Flag
	given *string // what it was set to
}

// kinds are the names of values in help and messages; a bool has none.
var kinds = map[string]string{"string": "TEXT", "int": "N", "uint64": "N", "duration": "TIME"}

func (v *value) Type() string {
	if kind, ok := kinds[v.Value.Type()]; ok {
		return kind
	}
	return v.Value.Type()
}

// Set refuses a second value that differs: one of the two would be lost.
func (v *value) Set(text string) error {
	if v.given != nil && *v.given != text {
		return fmt.Errorf("it is given twice, first as %q: give it once", *v.given)
	}
	if name, _, _ := strings.Cut(text, "="); name != "" && v.flag.Shorthand+name == v.flag.Name { // as of -config
		return errors.New("one dash is too few: write --" + v.flag.Name)
	}
	kind := v.Value.Type()
	if isNumber := kind == "int" || kind == "uint64"; isNumber && !digits.MatchString(text) {
		return noNumber(text)
	}
	if kind == "duration" && strings.HasPrefix(text, "-") {
		return errors.New("it must not be negative")
	}
	if err := v.Value.Set(text); err != nil {
		return advice(kind, text, err)
	}
	v.given = &text
	return nil
}

func advice(kind, text string, err error) error {
	switch kind {
	case "bool":
		return errors.New("it must be true or false, or the flag alone")
	case "duration":
		if _, why := config.ParseDuration(text); why != nil {
			return why
		}
	case "int", "uint64":
		return errors.New("the number is too large")
	case "float64":
		return errors.New("it must be a number such as 10 or 0.5")
	}
	return err
}

// digits are what a number is written in, as in the configuration. No number of a flag is negative.
var digits = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

// noNumber says what to write. What pflag would take for another base may be meant for ten: 010 is the application 10, not 8.
func noNumber(text string) error {
	const must = "it must be a whole number"
	plain := strings.NewReplacer("_", "", ",", "", "'", "").Replace(text)
	n, err := strconv.ParseUint(text, 0, 64)
	switch trimmed := strings.TrimLeft(text, "0"); {
	case strings.HasPrefix(text, "-"):
		return errors.New(must + " that is not negative")
	case digits.MatchString(trimmed):
		return errors.New(must + " without a 0 in front: write " + trimmed)
	case plain != text && digits.MatchString(plain):
		return errors.New(must + " in digits alone: write " + plain)
	case err == nil:
		return fmt.Errorf("%s in decimal: write %d", must, n)
	}
	return errors.New(must + " such as 100")
}

// password is the part of a URL that may be one.
var password = regexp.MustCompile(`//[^/]*@`)

// Endpoint sets a flag to the URL of an API: a scheme, http or https, and a host.
func Endpoint(into *string) func(text string) error {
	return func(text string) error {
		*into = text
		return badEndpoint(text)
	}
}

func badEndpoint(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return errors.New("it is empty: write a URL such as http://127.0.0.1:9266")
	case !strings.Contains(text, "://"):
		return errors.New("the scheme is missing: write https:// in front, or http:// for an emulator")
	case err != nil || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("it is no http or https URL: write one such as http://127.0.0.1:9266")
	case u.User != nil:
		return errors.New("it has a user name in it: write only scheme and host")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || strings.Contains(text, "#"):
		return errors.New("it has more than a scheme and a host: omit the rest")
	}
	return nil
}
