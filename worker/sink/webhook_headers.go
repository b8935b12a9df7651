package sink

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// headers returns the headers of the options. Its errors show no value.
func (o WebhookOptions) headers(target *url.URL) (http.Header, error) {
	all, names := http.Header{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(o.Headers)) {
		if !isToken(name) { // it may be the secret
			return nil, &OptionError{"headers", errors.New("a name has a character that no header has in its name; write NAME: VALUE")}
		}
		problem, same := badHeader(name, o.Headers[name]), textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case names[same] != "":
			problem = names[same] + " is given too, and upper and lower case are the same in a header's name; keep one of them"
		case same == "Authorization" && target.User != nil:
			problem = "the URL has a user name in it, which is sent as Authorization too; take one of them out"
		}
		if problem != "" {
			return nil, &OptionError{o.headerKey(name), errors.New(problem)}
		}
		names[same] = name
		all.Set(name, o.Headers[name])
	}
	for _, name := range slices.Sorted(maps.Keys(o.HeadersFile)) {
		if _, read := o.Headers[name]; !read {
			return nil, &OptionError{o.headerKey(name), errors.New("nobody has read the file; put what is in it into Headers")}
		}
	}
	return all, nil
}

func (o WebhookOptions) headerKey(name string) string {
	if _, is := o.HeadersFile[name]; is {
		return "headers_file." + name
	}
	return "headers." + name
}

// badHeader says why a header can't be sent; "" if it can.
func badHeader(name, value string) string {
	lower := strings.ToLower(name)
	switch {
	case ofPost[lower], strings.HasPrefix(lower, "webhook-"):
		return "vodworker sets it itself, from what it posts; take it out"
	case strings.HasPrefix(lower, "ce-"):
		return "what begins with ce- is an attribute of a CloudEvent; write format: cloudevents-binary for those"
	case ofConnection[lower]:
		return "it is about the connection, which is not yours to set; take it out"
	case ofAnswer[lower], strings.HasPrefix(lower, "if-"):
		return "it asks for an answer that may not say what became of the event; take it out"
	case value == "":
		return "it is empty; write a value, or take the key out"
	case strings.TrimSpace(value) != value:
		return "there is white space or a line break at its beginning or end; take it away"
	}
	for _, r := range value {
		if r < ' ' && r != '\t' || r > '~' {
			return fmt.Sprintf("there is a %s in it, which no header can have; write it in ASCII, on one line", nameOf(r))
		}
	}
	return ""
}

func nameOf(r rune) string {
	if r <= '~' || r == 0x7f {
		return "line break or control character"
	}
	return "character that is not ASCII"
}

// ofPost, ofConnection and ofAnswer are in lower case.
var (
	ofPost       = set("host", "content-length", "content-type", "content-encoding", "traceparent")
	ofConnection = set("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
		"transfer-encoding", "upgrade")
	ofAnswer = set("accept-encoding", "expect", "range")
)

func set(names ...string) map[string]bool {
	all := map[string]bool{}
	for _, name := range names {
		all[name] = true
	}
	return all
}

// isToken reports whether RFC 9110 has a name for a header's.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}
