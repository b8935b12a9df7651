package sink

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"
)

// CheckCertificate reads the client certificate and its key as NewWebhook does, and returns from when to when the certificate
// holds, or an [*OptionError]. One that does not hold now is no error: it may be renewed. None named is fine, and ends at the
// zero time.
func (o WebhookOptions) CheckCertificate() (from, to time.Time, err error) {
	return tlsFiles{certFile: o.CertFile, keyFile: o.KeyFile}.span(o.Log)
}

// validateTLS needs no file.
func (o WebhookOptions) validateTLS(target *url.URL) error {
	return tlsFiles{o.CAFile, o.CertFile, o.KeyFile}.validate(target.Scheme == "https", "the URL is http; write https:// there")
}

// tls returns what connections are made with; nil if nothing differs from the default.
func (o WebhookOptions) tls() (*tls.Config, error) {
	if o.CAFile == "" && o.CertFile == "" {
		return nil, nil
	}
	return tlsFiles{o.CAFile, o.CertFile, o.KeyFile}.config(o.Log)
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
