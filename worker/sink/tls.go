package sink

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/certificate"
)

// tlsFiles are what connections are made with besides what the system has.
type tlsFiles struct{ caFile, certFile, keyFile string }

// validate needs no file. Where connections are not encrypted, why says so, and what to write.
func (f tlsFiles) validate(encrypted bool, why string) error {
	for _, file := range []struct{ key, name string }{{"ca_file", f.caFile}, {"cert_file", f.certFile}, {"key_file", f.keyFile}} {
		if file.name != "" && !encrypted {
			return &OptionError{file.key, errors.New("it does nothing, since " + why + ", or take it out")}
		}
	}
	switch {
	case f.certFile != "" && f.keyFile == "":
		return &OptionError{"key_file", errors.New("it is missing; name the file of the certificate's key too")}
	case f.certFile == "" && f.keyFile != "":
		return &OptionError{"cert_file", errors.New("it is missing; name the file of the certificate too")}
	}
	return nil
}

func (f tlsFiles) config(log zerolog.Logger) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.caFile != "" {
		pool, err := certificate.Trusting(f.caFile)
		if err != nil {
			return nil, &OptionError{"ca_file", err}
		}
		config.RootCAs = pool
	}
	renewed, err := f.certificate(log)
	if err != nil {
		return nil, err
	}
	if renewed != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return renewed.Now(), nil }
	}
	return config, nil
}

// span returns from when to when the certificate holds; the zero time if none is named.
func (f tlsFiles) span(log zerolog.Logger) (from, to time.Time, err error) {
	renewed, err := f.certificate(log)
	if renewed == nil || err != nil {
		return time.Time{}, time.Time{}, err
	}
	from, to = renewed.Span()
	return from, to, nil
}

// certificate returns nil if none is named.
func (f tlsFiles) certificate(log zerolog.Logger) (*certificate.Renewed, error) {
	if f.certFile == "" {
		return nil, nil
	}
	renewed, err := certificate.Load(f.certFile, f.keyFile, log)
	if err != nil {
		key := "cert_file"
		if wrong, is := errors.AsType[*fs.PathError](err); is && wrong.Path != f.certFile {
			key = "key_file"
		}
		return nil, &OptionError{key, err}
	}
	return renewed, nil
}
