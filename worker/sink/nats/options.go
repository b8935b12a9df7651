package nats

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/internal/broker"
	"github.com/vodworker/vodworker/worker/sink"
)

// Options say to which stream of which NATS servers a [Sink] publishes.
type Options struct {
	// Servers are URLs of some of the cluster's servers: nats://host:port, or tls://host:port for encrypted connections; all of one
	// kind. Port 4222 need not be written. Required.
	Servers []string `yaml:"servers"`

	// Stream is the name of the JetStream stream that takes the subjects: an event counts as accepted only when it is there.
	// Required.
	Stream string `yaml:"stream"`

	// Subject may have fields of the event in it: {type}, {sub_app_id} and {file_id}; {{ is a brace. Required.
	Subject string `yaml:"subject"`

	// Token logs in instead of a user and a password. TokenFile is for it what PasswordFile is for Password.
	Token     string `yaml:"token"`
	TokenFile string `yaml:"token_file"`

	// CredentialsFile is a file with a JWT and the seed of its key, as nsc makes them (.creds). It is read again for each connection.
	CredentialsFile string `yaml:"credentials_file"`

	sink.BrokerOptions `yaml:",inline"`
}

// Validate fails if a server is no nats:// or tls:// URL of host and port, or not of the same kind as the others, if the stream or the
// subject can't be one's name, if there is more than one way to log in, and if MaxInFlight is negative. But for the last, its errors
// are [*sink.OptionError] values. It reads no file.
func (o Options) Validate() error {
	_, err := o.parse()
	return err
}

// parsed is what the options say.
type parsed struct {
	servers   []string // URLs
	hosts     []string // for people
	encrypted bool
	subject   broker.Name
	pattern   string // of all subjects, as a stream's: vod.*
}

func (o Options) parse() (p parsed, err error) {
	if p.servers, p.hosts, p.encrypted, err = parseServers(o.Servers); err != nil {
		return p, err
	}
	if err := validateStream(o.Stream); err != nil {
		return p, &sink.OptionError{Key: "stream", Err: err}
	}
	if p.subject, p.pattern, err = parseSubject(o.Subject, o.UnknownTypes); err != nil {
		return p, &sink.OptionError{Key: "subject", Err: err}
	}
	if err := o.validateLogin(); err != nil {
		return p, err
	}
	return p, o.BrokerOptions.Validate(p.encrypted, sink.FormatCallback, sink.FormatCloudEvents, sink.FormatCloudEventsBinary)
}

// parseServers never quotes a server: a login may be in it.
func parseServers(texts []string) (servers, hosts []string, encrypted bool, err error) {
	if len(texts) == 0 {
		return nil, nil, false, &sink.OptionError{Key: "servers", Err: errors.New("they are missing; write the URL of one at least, such as nats://nats.example.com:4222")}
	}
	kinds := map[string]bool{}
	for i, text := range texts {
		wrong := func(text string) error {
			return &sink.OptionError{Key: fmt.Sprintf("servers[%d]", i), Err: errors.New(text)}
		}
		server, err := url.Parse(text)
		switch {
		case err != nil || server.Hostname() == "" || server.Scheme != "nats" && server.Scheme != "tls":
			return nil, nil, false, wrong("it is no URL of a server; write nats://host:port, or tls://host:port")
		case server.User != nil:
			return nil, nil, false, wrong("there is a login in it; write username and password_file, or token_file, beside it")
		case strings.Trim(server.Path, "/") != "" || server.RawQuery != "" || server.Fragment != "":
			return nil, nil, false, wrong("there is more than a host and a port; write it without")
		}
		if port := server.Port(); port != "" {
			if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
				return nil, nil, false, wrong("its port is not from 1 to 65535; write another, or none")
			}
		} else {
			server.Host += ":4222"
		}
		kinds[server.Scheme] = true
		hosts = append(hosts, server.Host)
		servers = append(servers, server.Scheme+"://"+server.Host)
	}
	if len(kinds) > 1 {
		return nil, nil, false, &sink.OptionError{Key: "servers", Err: errors.New("some are nats:// and some tls://; write all of them with tls://")}
	}
	return servers, hosts, kinds["tls"], nil
}

func validateStream(name string) error {
	switch {
	case name == "":
		return errors.New("it is missing; write the name of the stream that takes the subjects")
	case len(name) > maxStream || strings.ContainsAny(name, `.*>/\`) || strings.ContainsFunc(name, isNoGraphic):
		return errors.New(`no stream can be called so; write its name, which is without spaces, . * > / and \`)
	}
	return nil
}

const maxStream = 255

// parseSubject returns the pattern of the subjects too, in which * stands for a token with a field in it. It finds it by what differs
// between two events that have nothing in common.
func parseSubject(text string, unknown sink.UnknownTypes) (subject broker.Name, pattern string, err error) {
	if text == "" {
		return subject, "", errors.New("it is missing; write one that the stream takes, such as vod.{type}")
	}
	if subject, err = broker.ParseName(text, unknown, broker.FieldType, broker.FieldApp, broker.FieldFile); err != nil {
		return subject, "", err
	}
	one, err := subject.Of(events.Event{})
	if err != nil {
		return subject, "", err
	}
	other, err := subject.Of(events.Event{Type: events.NewFileUpload, SubAppID: 1, Raw: []byte(`{"FileUploadEvent":{"FileId":"1"}}`)})
	if err != nil {
		return subject, "", err
	}
	tokens, others := strings.Split(one, "."), strings.Split(other, ".")
	if strings.HasPrefix(one, "$") {
		return subject, "", errors.New("the server keeps what begins with $ for itself; write another")
	}
	for i, token := range tokens {
		switch {
		case token == "":
			return subject, "", errors.New("it begins or ends with a . or has two in a row; write it without")
		case strings.ContainsAny(token, "*>") || strings.ContainsFunc(token, isNoGraphic):
			return subject, "", errors.New("it has a space, * or > in it; write the subject to publish to, without")
		case token != others[i]:
			tokens[i] = "*"
		}
	}
	return subject, strings.Join(tokens, "."), nil
}

func isNoGraphic(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }

func (o Options) validateLogin() error {
	if o.TokenFile != "" && o.Token == "" {
		return &sink.OptionError{Key: "token_file", Err: errors.New("nobody has read the file; put what is in it into Token")}
	}
	if o.Token != "" && o.Username != "" {
		return &sink.OptionError{Key: "token", Err: errors.New("there is a username too; write one way to log in")}
	}
	if o.CredentialsFile != "" && (o.Token != "" || o.Username != "") {
		return &sink.OptionError{Key: "credentials_file", Err: errors.New("there is another login too; write one way to log in")}
	}
	return nil
}

// checkCredentials fails if the file can't be read now, so that a wrong name is found at the start.
func (o Options) checkCredentials() error {
	if o.CredentialsFile == "" {
		return nil
	}
	text, err := os.ReadFile(o.CredentialsFile)
	if err == nil && !strings.Contains(string(text), "BEGIN NATS USER JWT") {
		err = errors.New("it holds no JWT of a user; name a file as nsc makes them (.creds)")
	}
	if err != nil {
		return &sink.OptionError{Key: "credentials_file", Err: err}
	}
	return nil
}

// loginKey is the option that a server blames which takes no login.
func (o Options) loginKey() string {
	switch {
	case o.CredentialsFile != "":
		return "credentials_file"
	case o.TokenFile != "":
		return "token_file"
	case o.Token != "":
		return "token"
	case o.PasswordFile != "":
		return "password_file"
	case o.Password != "":
		return "password"
	}
	return "username"
}
