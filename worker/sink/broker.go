package sink

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/say"
)

// BrokerOptions are what the sinks of brokers have in common: those of the folders below this one.
type BrokerOptions struct {
	// Format is what is sent. Empty: [FormatCallback].
	Format Format `yaml:"format"`

	// UnknownTypes says what stands for {type} in a name when this build does not know the type of an event, so that a new type of
	// VOD's makes no topic. Empty: [UnknownTypesOther].
	UnknownTypes UnknownTypes `yaml:"unknown_types"`

	// Username and Password log in. Both empty: nobody does. PasswordFile is where Password comes from, for whoever reads a
	// configuration into these options: it puts there what is in the file. With ReadSecret the file is read again for each
	// connection; while it can't be, the last password holds that could.
	Username     string `yaml:"username"`
	Password     string `yaml:"password"`
	PasswordFile string `yaml:"password_file"`

	// CAFile is a PEM file with certificates to trust besides the system's. Empty: none. It is read once, when the sink
	// is made. Only with TLS.
	CAFile string `yaml:"ca_file"`

	// CertFile and KeyFile are PEM files with a client certificate and its key: both or none. They are read again when they have
	// changed. Only with TLS.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`

	// MaxInFlight is how many events are handed over at the same time. Up to as many again may be on their way that nobody waits for
	// any more. 0: [DefaultMaxInFlight].
	MaxInFlight int `yaml:"-"`

	// ReadSecret returns the secret in a file that PasswordFile names. Nil: it is not read again. Its errors must not show what is
	// in the file.
	ReadSecret func(file string) (secret string, err error) `yaml:"-"`

	// Log gets what is odd about connections, secrets and certificates.
	Log zerolog.Logger `yaml:"-"`
}

// DefaultMaxInFlight is for those who don't know how many events a worker handles at once.
const DefaultMaxInFlight = 128

// UnknownTypes says how names are made of types that this build does not know.
type UnknownTypes string

const (
	UnknownTypesOther UnknownTypes = "other" // all of them are called other
	UnknownTypesAsIs  UnknownTypes = "as_is" // each by its name
)

// Validate fails if the format is none of these, if half of a login or of a certificate is there, if files of certificates are named
// though connections are not encrypted, if a file of a secret was not read, and if MaxInFlight is negative. But for the last, its
// errors are [*OptionError] values. It reads no file.
func (o BrokerOptions) Validate(encrypted bool, formats ...Format) error {
	if o.Format != "" && !slices.Contains(formats, o.Format) {
		return &OptionError{"format", fmt.Errorf("there is no such format here; write %s", either(formats))}
	}
	switch o.UnknownTypes {
	case "", UnknownTypesOther, UnknownTypesAsIs:
	default:
		return &OptionError{"unknown_types", fmt.Errorf("it must be %s or %s", UnknownTypesOther, UnknownTypesAsIs)}
	}
	switch {
	case o.Password != "" && o.Username == "":
		return &OptionError{"username", errors.New("it is missing; write whose the password is")}
	case o.MaxInFlight < 0:
		return fmt.Errorf("max in flight is %d, want 0 or more", o.MaxInFlight)
	case o.PasswordFile != "" && o.Password == "":
		return &OptionError{"password_file", errors.New("nobody has read the file; put what is in it into Password")}
	case o.Username != "" && o.Password == "":
		return &OptionError{"password_file", errors.New("it is missing; name the file with the password of that user")}
	}
	return o.files().validate(encrypted, "connections are not encrypted; have them be")
}

// either lists what one may choose from.
func either(formats []Format) string {
	text := ""
	for i, f := range formats {
		switch {
		case i > 0 && i == len(formats)-1:
			text += " or "
		case i > 0:
			text += ", "
		}
		text += string(f)
	}
	return text
}

func (o BrokerOptions) files() tlsFiles { return tlsFiles{o.CAFile, o.CertFile, o.KeyFile} }

// TLS returns what encrypted connections are made with. Its errors are [*OptionError] values.
func (o BrokerOptions) TLS() (*tls.Config, error) { return o.files().config(o.Log) }

// CheckCertificate is for brokers what [WebhookOptions.CheckCertificate] is for webhooks.
func (o BrokerOptions) CheckCertificate() (from, to time.Time, err error) {
	return o.files().span(o.Log)
}

// Login returns who says, for each connection, what to log in with then: Username, and the password as [BrokerOptions.Renewed] has it.
// A sink makes one and keeps it.
func (o BrokerOptions) Login() func() (username, password string) {
	password := o.Renewed(o.Password, "password_file", o.PasswordFile)
	return func() (string, string) { return o.Username, password() }
}

// Renewed returns who reads a secret again from its file, which the option of this key names. While it can't be read, or is empty, the
// secret is the last one that was, at first the one given here, and Log gets why. Without a file or ReadSecret it is always that.
// What it returns may be called at the same time.
func (o BrokerOptions) Renewed(secret, key, file string) func() string {
	if file == "" || o.ReadSecret == nil {
		return func() string { return secret }
	}
	var mu sync.Mutex
	trouble := say.Trouble{Log: o.Log, What: "read " + key + " again"}
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		fresh, err := o.ReadSecret(file)
		if err == nil && fresh == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			trouble.Report(time.Now(), err)
			return secret
		}
		trouble.Over(time.Now())
		secret = fresh
		return secret
	}
}
