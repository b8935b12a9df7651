package tencent

import (
	"strings"
	"unicode"
)

// flaw says what a value holds that no key does, and what to do; empty if nothing. It shows nothing of the value.
func flaw(value string) string {
	if strings.HasPrefix(value, "{") || meant(value) != "" {
		return "holds more than the secret, such as its name: leave only the secret"
	}
	for _, r := range value {
		switch {
		case r == '\ufeff':
			return "holds a byte order mark, which some editors put in front: save it without"
		case r == '\r' || r == '\n':
			return "holds a line end: take it out"
		case strings.ContainsRune("\"'`“”‘’", r):
			return "holds quotes, which are part of the value here, as in docker's --env-file: take them out"
		case r == '\u3000' || r >= '\uff01' && r <= '\uff5e':
			return "holds full-width characters: write them in half width"
		case unicode.IsSpace(r):
			return "holds white space: take it out"
		case r < ' ' || r > '~':
			return "holds characters that no key has: copy it again"
		}
	}
	return ""
}

// mistake says what is wrong with refused credentials as far as they show it themselves, as a hint; empty if they don't.
func (c *Credentials) mistake(code string) string {
	notFound := code == "AuthFailure.SecretIdNotFound" || code == "AuthFailure.InvalidSecretId"
	switch {
	case c.swapped():
		return "the secret id and the secret key look swapped, since only ids begin with AKID: look at {id} and {key}"
	case c.Token != "":
		return ""
	case code == "AuthFailure.TokenFailure":
		return "this is a temporary key, and its token is missing: give it as {token}"
	case notFound && len(c.SecretID) > permanentID:
		return "look at {id}; it is as long as that of a temporary key, whose token is missing: give it as {token}"
	}
	return ""
}

// permanentID is how long the ids of permanent keys are; most of temporary ones are longer.
const permanentID = 36

// swapped reports whether the id was given as the key, and the key as the id: only ids begin so.
func (c *Credentials) swapped() bool { return !isID(c.SecretID) && isID(c.SecretKey) }

func isID(value string) bool {
	return strings.HasPrefix(value, "AKID") || strings.HasPrefix(value, "IKID")
}
