package config

import (
	"fmt"
	"iter"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// show returns the value of a key as an error may show it: what withoutSecrets does, as one short line, and nothing that a terminal
// would obey.
func show(key, value string) string {
	value, _, _ = strings.Cut(withoutSecrets(key, value), "\n")
	value = printable(value)
	const longest = 60
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "…"
	}
	return value
}

// withoutSecrets returns the value of a key with nothing of a secret, and of a URL only scheme and host.
func withoutSecrets(key, value string) string {
	name := lastName(key)
	if groups[name] {
		return ""
	}
	if isSecret(key) || isSecret(secretOf(key)) && looksSecret(value) {
		return ""
	}
	switch {
	case key == "inbox.url" && plainPath.MatchString(value): // there is nothing but a path in it
	case isAddress(key), name == "endpoint", strings.Contains(value, "://"):
		value = oddPort.ReplaceAllString(publicURL(value), "$1…")
	case key == "callback.path" && value != "/": // it may be what keeps strangers out
		if !strings.HasPrefix(value, "/") {
			return ""
		}
		return "/…"
	case name == "command": // its arguments may be secrets
		if strings.HasSuffix(key, "]") && !strings.HasSuffix(key, "[0]") {
			return ""
		}
		value, _, _ = strings.Cut(value, " ")
	}
	if at := secretInside.FindStringIndex(value); at != nil {
		value = value[:at[1]] + "…"
	}
	return value
}

// isAddress reports whether the value of a key is that of a place on the network, in which some write a password.
func isAddress(key string) bool {
	return slices.Contains([]string{"url", "brokers", "servers"}, lastName(key))
}

// isSecret reports whether the value of a key is a secret, all of it.
func isSecret(key string) bool {
	return strings.Contains(key, ".headers.") || secretName.MatchString(lastName(key)) && secretOf(key) == ""
}

// secretOf returns the key of the secret whose file a key names; "" if it names none.
func secretOf(key string) string {
	if before, name, is := strings.Cut(key, ".headers_file."); is {
		return before + ".headers." + name
	}
	name, is := strings.CutSuffix(lastName(key), "_file")
	if !is {
		return ""
	}
	return name
}

// Secrets returns the values that are secrets, and the URLs and paths that may have some in them: what others print may quote them.
func (c *Config) Secrets() (all []string) {
	for key, text := range c.texts() {
		if isSecret(key) || (isAddress(key) || key == "callback.path") && withoutSecrets(key, text) != text {
			all = append(all, text)
		}
	}
	return all
}

// texts returns the texts of the configuration, by their keys.
func (c *Config) texts() iter.Seq2[string, string] {
	return func(yield func(key, text string) bool) {
		textsIn(reflect.ValueOf(c).Elem(), "", yield)
	}
}

func textsIn(v reflect.Value, key string, yield func(key, text string) bool) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil() || textsIn(v.Elem(), key, yield)
	case reflect.Struct:
		for name, field := range fieldsOf(v.Type()) {
			if !textsIn(v.FieldByIndex(field.Index), join(key, name), yield) {
				return false
			}
		}
	case reflect.Slice:
		for i, entry := range v.Seq2() {
			if !textsIn(entry, fmt.Sprintf("%s[%d]", key, i.Int()), yield) {
				return false
			}
		}
	case reflect.Map:
		for name, value := range v.Seq2() {
			if !textsIn(value, join(key, name.String()), yield) {
				return false
			}
		}
	case reflect.String:
		return yield(key, v.String())
	}
	return true
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, text)
}

// lastName returns the last name of a key: sign_keys of callback.sign_keys[1].
func lastName(key string) string {
	name := key[strings.LastIndexByte(key, '.')+1:]
	name, _, _ = strings.Cut(name, "[")
	return name
}

var (
	// groups are the keys that hold keys. Whoever writes a value there may mean a secret one of them.
	groups = groupsIn(reflect.TypeFor[Config](), "")

	plainPath    = regexp.MustCompile(`^sqlite:///[^@?#]*$`)
	oddPort      = regexp.MustCompile(`^(postgres(?:ql)?://[^:/]+:)[0-9]*[^0-9/][^/]*`) // a password behind which the host is missing
	secretName   = regexp.MustCompile(`^(secret|token|password|sign_key)`)
	secretInside = regexp.MustCompile(`(?i)(secret|key|token|password|passwd)[\w"']*\s*[:=：]`)
)

// looksSecret reports whether what should be the name of a file is rather the secret itself.
func looksSecret(value string) bool {
	return !strings.ContainsAny(value, "/.$") || strings.HasPrefix(value, "whsec_")
}

// publicURL takes the user, the password, the path and the query out of what should be a URL, whether or not it is one.
func publicURL(text string) string {
	if last := strings.LastIndexByte(text, '@'); last >= 0 {
		scheme := ""
		if end := strings.Index(text, "://"); end >= 0 && end < last {
			scheme = text[:end+3]
		}
		text = scheme + "…" + text[last:]
	}
	host := 0
	if end := strings.Index(text, "//"); end >= 0 {
		host = end + 2
	}
	if end := strings.IndexAny(text[host:], "/?#"); end >= 0 && strings.Trim(text[host+end:], "/ \r\n") != "" {
		text = text[:host+end] + "/…"
		if strings.Count(text, "${") > strings.Count(text, "}") { // it is to stay a variable with a default
			text += "}"
		}
	}
	return text
}

func quoted(value string) string { return `"` + value + `"` }
