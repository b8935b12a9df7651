package redis

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/sink"
)

// Options say to which stream of which Redis a [Sink] adds.
type Options struct {
	// URL is redis://host:port/db, or rediss:// for encrypted connections. Port and db may be left out: 6379, 0. Required.
	URL string `yaml:"url"`

	// Stream is the key of the stream. It may have fields of the event in it: {type} and {sub_app_id}; {{ is a brace. Required.
	Stream string `yaml:"stream"`

	// MaxLen is about how many entries a stream keeps: older ones are removed, read or not. 0: all.
	MaxLen int64 `yaml:"max_len"`

	// Replicas is how many replicas must have an event in their memory before it counts as accepted. 0: none.
	Replicas int `yaml:"replicas"`

	// Its formats are [sink.FormatCallback] and [sink.FormatCloudEvents]. The Username of a password without a user is default.
	sink.BrokerOptions `yaml:",inline"`
}

const defaultPort = "6379"

// Validate fails if the URL is none of Redis or has a login in it, if the stream has no name or a field in it that is none, if a number
// is negative, and with what [sink.BrokerOptions.Validate] fails. But for MaxInFlight, its errors are [*sink.OptionError] values. It
// reads no file.
func (o Options) Validate() error {
	_, _, err := o.parse()
	return err
}

// A target is what a URL says.
type target struct {
	address   string // host:port
	db        int
	encrypted bool
}

func (t target) String() string { return t.address + "/" + strconv.Itoa(t.db) }

func (o Options) parse() (target, broker.Name, error) {
	fail := func(key string, err error) (target, broker.Name, error) {
		return target{}, broker.Name{}, &sink.OptionError{Key: key, Err: err}
	}
	to, err := parseURL(o.URL)
	if err != nil {
		return fail("url", err)
	}
	if o.Stream == "" {
		return fail("stream", errors.New("it is missing; write the key of a stream"))
	}
	name, err := broker.ParseName(o.Stream, o.UnknownTypes, broker.FieldType, broker.FieldApp)
	switch {
	case err != nil:
		return fail("stream", err)
	case o.MaxLen < 0:
		return fail("max_len", errors.New("it is negative; write how many entries to keep, or 0 for all"))
	case o.Replicas < 0:
		return fail("replicas", errors.New("it is negative; write how many replicas must have an event, or 0 for none"))
	}
	return to, name, o.BrokerOptions.Validate(to.encrypted, sink.FormatCallback, sink.FormatCloudEvents)
}

func parseURL(text string) (target, error) {
	parsed, err := url.Parse(text)
	switch {
	case text == "":
		return target{}, errors.New("it is missing; write redis://host:port")
	case err != nil || parsed.Hostname() == "" || parsed.Scheme != "redis" && parsed.Scheme != "rediss":
		return target{}, errors.New("it is no URL of Redis; write redis://host:port/db, or rediss:// for TLS") // without err, which quotes it
	case parsed.User != nil:
		return target{}, errors.New("it has a login in it; write username and password_file instead")
	case parsed.RawQuery != "" || parsed.Fragment != "":
		return target{}, errors.New("nothing may stand behind the database; take out what begins with ? or #")
	}
	to := target{encrypted: parsed.Scheme == "rediss"}
	port := parsed.Port()
	if port == "" {
		port = defaultPort
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return target{}, errors.New("its port is none; write one of 1 to 65535")
	}
	to.address = net.JoinHostPort(parsed.Hostname(), port)
	if db := strings.TrimPrefix(parsed.Path, "/"); db != "" {
		n, err := strconv.ParseUint(db, 10, 16)
		if err != nil {
			return target{}, errors.New("its path is no number of a database; write redis://host:port/0")
		}
		to.db = int(n)
	}
	return to, nil
}
