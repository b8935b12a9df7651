package sink

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/internal/certificate"
)

// CheckCertificate reads the client certificate and its key as NewWebhook does, and returns from when to when the certificate
// holds, or an [*OptionError]. One that does not hold now is no error: it may be renewed. None named is fine, and ends at the
// zero time.
func (o WebhookOptions) CheckCertificate() (from, to time.Time, err error) {
	renewed, err := o.certificate()
	if renewed == nil || err != nil {
		return time.Time{}, time.Time{}, err
	}
	from, to = renewed.Span()
	return from, to, nil
}

// validateTLS needs no file.
func (o WebhookOptions) validateTLS(target *url.URL) error {
	for _, file := range []struct{ key, name string }{{"ca_file", o.CAFile}, {"cert_file", o.CertFile}, {"key_file", o.KeyFile}} {
		if file.name != "" && target.Scheme != "https" {
			return &OptionError{file.key, errors.New("it does nothing, since the URL is http; write https:// there, or take it out")}
		}
	}
	switch {
	case o.CertFile != "" && o.KeyFile == "":
		return &OptionError{"key_file", errors.New("it is missing; name the file of the certificate's key too")}
	case o.CertFile == "" && o.KeyFile != "":
		return &OptionError{"cert_file", errors.New("it is missing; name the file of the certificate too")}
	}
	return nil
}

// tls returns what connections are made with; nil if nothing differs from the default.
func (o WebhookOptions) tls() (*tls.Config, error) {
	if o.CAFile == "" && o.CertFile == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pool, err := certificate.Trusting(o.CAFile)
		if err != nil {
			return nil, &OptionError{"ca_file", err}
		}
		config.RootCAs = pool
	}
	renewed, err := o.certificate()
	if err != nil {
		return nil, err
	}
	if renewed != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return renewed.Now(), nil }
	}
	return config, nil
}

// certificate returns nil if none is named.
func (o WebhookOptions) certificate() (*certificate.Renewed, error) {
	if o.CertFile == "" {
		return nil, nil
	}
	renewed, err := certificate.Load(o.CertFile, o.KeyFile, o.Log)
	if err != nil {
		key := "cert_file"
		if wrong, is := errors.AsType[*fs.PathError](err); is && wrong.Path != o.CertFile {
			key = "key_file"
		}
		return nil, &OptionError{key, err}
	}
	return renewed, nil
}

// advice says what to do about an error of TLS, behind its text; "" if the error says enough.
func (o WebhookOptions) advice(err error) string {
	if _, is := errors.AsType[x509.UnknownAuthorityError](err); is {
		if o.CAFile != "" {
			return "; webhook.ca_file does not hold the certificate of its authority, put it there"
		}
		return "; set webhook.ca_file (or SSL_CERT_FILE) to a file with the certificate of its authority"
	}
	switch {
	case o.CertFile == "" && (refusesCertificate(err) || isAlert(err, "handshake failure")):
		return "; it may want a client certificate, set webhook.cert_file and webhook.key_file"
	case refusesCertificate(err):
		return "; it does not take the client certificate of webhook.cert_file, ask for another"
	}
	return ""
}

// refusesCertificate reports whether the other side has ended TLS for the certificate that it was, or was not, shown.
func refusesCertificate(err error) bool { return isAlert(err, "certificate") }

// isAlert reports whether the other side has ended TLS, and has said so in words that hold this one.
func isAlert(err error, word string) bool {
	alert, is := errors.AsType[*net.OpError](err)
	return is && alert.Op == "remote error" && strings.Contains(alert.Error(), word)
}
