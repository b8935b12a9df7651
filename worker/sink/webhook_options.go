package sink

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events/condition"
)

// WebhookOptions say where a [Webhook] posts.
type WebhookOptions struct {
	// URL is posted to, http or https. Required. A user name and password in it are sent as basic authentication.
	// They, the path and the query may be secrets: errors show only scheme and host.
	URL string `yaml:"url"`

	// Secret signs what is posted: base64, with or without "whsec_" in front. Empty: no signature.
	Secret string `yaml:"secret"`

	// SecretFile is where Secret comes from, for whoever reads a configuration into these options: it puts there what is in
	// the file. NewWebhook fails if it is set and Secret is empty. With ReadSecret the file is read again when it changes.
	SecretFile string `yaml:"secret_file"`

	// Format is what is posted. Empty: [FormatCallback].
	Format Format `yaml:"format"`

	// Success says which JSON bodies of up to 64 KiB, not compressed, a 2xx answer must have to be success. Nil: any body.
	Success *condition.Condition `yaml:"success"`

	// Headers are sent along, by their names. Their values are secrets, in printable ASCII. Those that a Webhook sets itself
	// are refused, but for User-Agent, and so are those about the connection, and those that ask for an answer of another kind,
	// such as Accept-Encoding. HeadersFile is for them what SecretFile is for Secret.
	Headers     map[string]string `yaml:"headers"`
	HeadersFile map[string]string `yaml:"headers_file"`

	// CAFile is a PEM file with certificates to trust besides the system's. Empty: none. Only for https.
	CAFile string `yaml:"ca_file"`

	// CertFile and KeyFile are PEM files with a client certificate and its key: both or none. They are read again when they
	// have changed, so one that does not hold now is no error. Only for https.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`

	// MaxIdle is how many connections are kept open for the events to come, for 90 s. 0: 128. With more events than
	// that at once, each of the others needs a new connection.
	MaxIdle int `yaml:"-"`

	// ReadSecret returns the secret in a file that SecretFile or HeadersFile names. It is called when such a file has changed,
	// and after the answers 401 and 403. Nil: files are not read again. Its errors must not show what is in the file.
	ReadSecret func(file string) (secret string, err error) `yaml:"-"`

	// Log gets what is odd about answers, secrets and certificates.
	Log zerolog.Logger `yaml:"-"`

	// Passing says that what is odd about secrets may be made good before anybody looks: it is logged at info, and not as a
	// warning. An answer that looks like a refusal is always a warning: its event does not come again.
	Passing bool `yaml:"-"`
}

// Validate fails if the URL is not an absolute http or https one, if the secret is not base64, if a header can't be sent, if the
// format is none of the constants, if Success is not valid, if only one of a certificate and its key is named, if a file of a
// secret was not read, and if MaxIdle is negative. But for the last, its errors are [*OptionError] values. It reads no file.
func (o WebhookOptions) Validate() error {
	_, _, err := o.parse()
	return err
}

// parse returns what the URL, the secret and the headers say.
func (o WebhookOptions) parse() (target *url.URL, with *keys, err error) {
	target, err = parseTarget(o.URL)
	if err != nil {
		return nil, nil, &OptionError{"url", err}
	}
	if o.MaxIdle < 0 {
		return nil, nil, fmt.Errorf("webhook: max idle is %d, want 0 or more", o.MaxIdle)
	}
	if o.Format.Validate() != nil {
		return nil, nil, &OptionError{"format", fmt.Errorf("there is no such format; write %s, %s or %s",
			FormatCallback, FormatCloudEvents, FormatCloudEventsBinary)}
	}
	if err := o.validateSuccess(); err != nil {
		return nil, nil, err
	}
	if err := o.validateTLS(target); err != nil {
		return nil, nil, err
	}
	with, err = o.keys(target)
	return target, with, err
}

func (o WebhookOptions) validateSuccess() error {
	if o.Success == nil {
		return nil
	}
	err := o.Success.Validate()
	if part, is := errors.AsType[*condition.Error](err); is {
		key := "success"
		if part.Key != "" {
			key += "." + part.Key
		}
		return &OptionError{key, part.Err}
	}
	return err
}
