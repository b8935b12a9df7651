package callback

import (
	"crypto/tls"
	"errors"
	"time"

	"github.com/vodworker/vodworker/worker/internal/certificate"
)

// CheckCertificate reads the certificate and its key as Listen does, and returns when the certificate ends, or what is wrong with
// them: an error wraps an [*fs.PathError] with the file that is to blame. None named is fine, and ends at the zero time.
func (o ServerOptions) CheckCertificate() (ends time.Time, err error) {
	renewed, err := o.certificate()
	if renewed == nil || err != nil {
		return time.Time{}, err
	}
	_, ends = renewed.Span()
	return ends, nil
}

// certificate returns nil if none is named. One that does not hold now fails: VOD could not post.
func (o ServerOptions) certificate() (*certificate.Renewed, error) {
	switch {
	case o.CertFile == "" && o.KeyFile == "":
		return nil, nil
	case o.CertFile == "" || o.KeyFile == "":
		return nil, errors.New("a certificate needs both CertFile and KeyFile")
	}
	renewed, err := certificate.Load(o.CertFile, o.KeyFile, o.Log)
	if err != nil {
		return nil, err
	}
	return renewed, renewed.Holds()
}

func tlsConfig(of *certificate.Renewed) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return of.Now(), nil },
	}
}
