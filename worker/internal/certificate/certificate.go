// Package certificate reads certificates and their keys from files, and again when those change. What is wrong with a file is an
// [*fs.PathError], in words for whoever named it.
package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// A Renewed is a certificate and its key, read again when their files have changed: those that are renewed by a program need no
// restart.
type Renewed struct {
	certFile, keyFile string
	log               zerolog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	changed [2]time.Time // of the files that were read last, or tried
}

// Load reads both files. That the certificate does not hold now is no error.
func Load(certFile, keyFile string, log zerolog.Logger) (*Renewed, error) {
	r := &Renewed{certFile: certFile, keyFile: keyFile, log: log}
	if err := r.load(); err != nil {
		return nil, err
	}
	return r, nil
}

// Holds fails if the certificate that was read last does not hold now.
func (r *Renewed) Holds() error {
	switch from, to := r.Span(); {
	case time.Now().After(to):
		return blame(r.certFile, "the certificate ended at %s; renew it", to.UTC().Format(time.RFC3339))
	case time.Now().Before(from):
		return blame(r.certFile, "the certificate holds only from %s on; look at this machine's clock",
			from.UTC().Format(time.RFC3339))
	}
	return nil
}

// Span returns from when to when the certificate that was read last holds.
func (r *Renewed) Span() (from, to time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current.Leaf.NotBefore, r.current.Leaf.NotAfter
}

// Now returns the certificate as its files have it. The old one stays while they can't be used.
func (r *Renewed) Now() *tls.Certificate {
	r.mu.Lock()
	defer r.mu.Unlock()
	if changed, err := r.times(); err == nil && changed != r.changed {
		if err := r.load(); err != nil {
			r.log.Error().Err(err).Msg("the new certificate can't be used, the old one stays")
		} else {
			r.log.Info().Msg("certificate read again")
		}
	}
	return r.current
}

// load reads both files. If that fails, what was read before stays.
func (r *Renewed) load() error {
	changed, err := r.times()
	if err != nil {
		return err
	}
	r.changed = changed
	pair, err := readPair(r.certFile, r.keyFile)
	if err == nil {
		r.current = pair
	}
	return err
}

func (r *Renewed) times() (changed [2]time.Time, err error) {
	cert, certErr := os.Stat(r.certFile)
	key, keyErr := os.Stat(r.keyFile)
	if err := errors.Join(certErr, keyErr); err != nil {
		return changed, err
	}
	return [2]time.Time{cert.ModTime(), key.ModTime()}, nil
}

// Trusting returns the certificates of a PEM file besides those that the system trusts.
func Trusting(caFile string) (*x509.CertPool, error) {
	text, err := disk.ReadNamed(caFile)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, blame(caFile, "it holds no PEM certificate; name another, or omit it")
	}
	return pool, nil
}
