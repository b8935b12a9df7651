package sink

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// parseTarget reads the URL. Its errors never quote it, nor url.Parse's: in a URL that does not parse, a part of the
// password may well pass for the port.
func parseTarget(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, errors.New("it is missing; write the URL to post to")
	}
	target, err := url.Parse(raw)
	if err != nil {
		return nil, badURL(err)
	}
	switch {
	case target.Scheme != "http" && target.Scheme != "https":
		return nil, errors.New("it does not begin with http:// or https://; write one of them in front")
	case target.Hostname() == "":
		return nil, errors.New("it has no host; write one behind the scheme, such as https://example.com/vod")
	}
	if port := target.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("its port is not from 1 to 65535; write another, or none")
		}
	}
	return target, nil
}

func badURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	_, escape := errors.AsType[url.EscapeError](err)
	_, host := errors.AsType[url.InvalidHostError](err)
	switch text := err.Error(); {
	case escape:
		return errors.New("it has a % without two hexadecimal digits behind it; % itself is written %25")
	case host:
		return errors.New("it has a character in its host that cannot be there; write it without")
	case strings.Contains(text, "scheme"), strings.Contains(text, "first path segment"):
		return errors.New("it does not begin with http:// or https://; write one of them in front")
	case strings.Contains(text, "control character"):
		return errors.New("it has a control character in it, such as a line break at its end; take it out")
	case strings.Contains(text, "port"):
		return errors.New("its port is not a number, or its user name or password has / ? or # in it; write those as %2F, %3F and %23")
	default:
		return errors.New("it cannot be parsed; write special characters in it percent-encoded")
	}
}

// publicURL returns the part of a URL that holds no secrets: its scheme and host. The path is often what lets one post.
func publicURL(u *url.URL) string {
	public := u.Scheme + "://" + u.Host
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		public += "/…"
	}
	return public
}
