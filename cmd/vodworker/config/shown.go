package config

import (
	"reflect"
	"regexp"
	"strings"
	"unicode"
)

// show returns the value of a key as an error may show it: one short line, nothing of a secret, and of a URL no user, password
// or query, and nothing that a terminal would obey.
func show(key, value string) string {
	name := lastName(key)
	if groups[name] {
		return ""
	}
	isSecret, isFile := secretName.MatchString(name), strings.HasSuffix(name, "_file")
	if strings.Contains(key, ".headers.") || strings.Contains(key, ".headers_file.") { // of any name
		isSecret, isFile = true, strings.Contains(key, ".headers_file.")
	}
	if isSecret && (!isFile || looksSecret(value)) {
		return ""
	}
	switch {
	case name == "url", name == "endpoint", strings.Contains(value, "://"):
		value = publicURL(value)
	case name == "command": // its arguments may be secrets
		if strings.HasSuffix(key, "]") && !strings.HasSuffix(key, "[0]") {
			return ""
		}
		value, _, _ = strings.Cut(value, " ")
	}
	value, _, _ = strings.Cut(value, "\n")
	if at := secretInside.FindStringIndex(value); at != nil {
		value = value[:at[1]] + "…"
	}
	value = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, value)
	const longest = 60
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "…"
	}
	return value
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

	secretName   = regexp.MustCompile(`^(secret|token|password|sign_key)`)
	secretInside = regexp.MustCompile(`(?i)(secret|key|token|password|passwd)[\w"']*\s*[:=：]`)
)

// looksSecret reports whether what should be the name of a file is rather the secret itself.
func looksSecret(value string) bool {
	return !strings.ContainsAny(value, "/.$") || strings.HasPrefix(value, "whsec_")
}

// publicURL takes the user, the password and the query out of what should be a URL, whether or not it is one.
func publicURL(text string) string {
	if last := strings.LastIndexByte(text, '@'); last >= 0 {
		scheme := ""
		if end := strings.Index(text, "://"); end >= 0 && end < last {
			scheme = text[:end+3]
		}
		text = scheme + "…" + text[last:]
	}
	if query := strings.IndexAny(text, "?#"); query >= 0 {
		text = text[:query+1] + "…"
	}
	return text
}

func quoted(value string) string { return `"` + value + `"` }
