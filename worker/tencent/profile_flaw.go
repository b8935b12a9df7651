package tencent

import (
	"fmt"
	"strings"
)

// profileFlaw says what keeps a profile file from holding a key, or its token, and what to write where: it goes behind the file's
// name. It is empty if nothing does, and shows nothing of the text. values are those that were found.
func profileFlaw(text string, values map[string]string) string {
	const form = " needs a section [default] with secret_id = … and secret_key = …"
	text = strings.TrimPrefix(text, "\ufeff")
	complete := values["secret_id"] != "" && values["secret_key"] != ""
	switch {
	case complete:
	case strings.ContainsRune(text, 0):
		return " is no UTF-8 text, but UTF-16 perhaps: save it as UTF-8"
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		return form + ", and is JSON"
	}
	section, n, begins := "", 0, 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line[1 : len(line)-1]
			switch lower := strings.ToLower(strings.TrimSpace(section)); {
			case section == "default":
				begins = n
			case lower == "default" && !complete:
				return fmt.Sprintf(":%d: write [default], in small letters and without spaces", n)
			}
			continue
		}
		want := meant(line)
		switch at := strings.IndexAny(line, "=:"); {
		case want == "" || values[want] != "" || section != "default" && section != "":
			continue
		case section == "":
			return fmt.Sprintf(":%d: write [default] in a line in front", n)
		case line[at] == ':':
			return fmt.Sprintf(":%d: write %s = …, with = instead of :", n, want)
		case strings.TrimSpace(line[:at]) != want:
			return fmt.Sprintf(":%d: write %s = …, in small letters and with _", n, want)
		case strings.TrimSpace(line[at+1:]) == "" && want != "token":
			return fmt.Sprintf(":%d: %s is empty: write %s = …", n, want, want)
		}
	}
	for _, key := range []string{"secret_id", "secret_key"} {
		if begins > 0 && values[key] == "" {
			return fmt.Sprintf(":%d: this section lacks %s: write %s = … in it", begins, key, key)
		}
	}
	if complete {
		return ""
	}
	return form
}

// meant returns which key a line of a profile file is for, however it is written; empty if for none.
func meant(line string) string {
	at := strings.IndexAny(line, "=:")
	if at < 0 || strings.ContainsAny(line[:1], "#;") {
		return ""
	}
	switch name := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", "\t", "").Replace(line[:at])); {
	case strings.HasSuffix(name, "secretid"):
		return "secret_id"
	case strings.HasSuffix(name, "secretkey"):
		return "secret_key"
	case strings.HasSuffix(name, "token"):
		return "token"
	}
	return ""
}
