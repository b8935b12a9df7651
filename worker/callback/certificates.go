package callback

import (
	"crypto/tls"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// certificates are a certificate and its key, read again when their files have changed: those that are renewed by a
// program need no restart.
type certificates struct {
	certFile, keyFile string
	log               zerolog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	changed [2]time.Time // of the files that were read last, or tried
}

// CheckCertificate reads the certificate and its key as Listen does, and returns when the certificate ends, or what is wrong with
// them: an error wraps an [*fs.PathError] with the file that is to blame. None named is fine, and ends at the zero time.
func (o ServerOptions) CheckCertificate() (ends time.Time, err error) {
	c, err := o.certificates()
	if c == nil || err != nil {
		return time.Time{}, err
	}
	return c.current.Leaf.NotAfter, nil
}

// certificates returns nil if none is named. One that does not hold now fails: VOD could not post.
func (o ServerOptions) certificates() (*certificates, error) {
	switch {
	case o.CertFile == "" && o.KeyFile == "":
		return nil, nil
	case o.CertFile == "" || o.KeyFile == "":
		return nil, errors.New("a certificate needs both CertFile and KeyFile")
	}
	c, err := loadCertificates(o.CertFile, o.KeyFile, o.Log)
	if err != nil {
		return nil, err
	}
	switch from, to := c.current.Leaf.NotBefore, c.current.Leaf.NotAfter; {
	case time.Now().After(to):
		return nil, blame(o.CertFile, "the certificate ended at %s; renew it", to.UTC().Format(time.RFC3339))
	case time.Now().Before(from):
		return nil, blame(o.CertFile, "the certificate holds only from %s on; look at this machine's clock",
			from.UTC().Format(time.RFC3339))
	}
	return c, nil
}

func loadCertificates(certFile, keyFile string, log zerolog.Logger) (*certificates, error) {
	c := &certificates{certFile: certFile, keyFile: keyFile, log: log}
	return c, c.load()
}

func (c *certificates) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if changed, err := c.times(); err == nil && changed != c.changed {
				if err := c.load(); err != nil {
					c.log.Error().Err(err).Msg("the new certificate can't be used, the old one stays")
				} else {
					c.log.Info().Msg("certificate read again")
				}
			}
			return c.current, nil
		},
	}
}

// load reads both files. If that fails, what was read before stays.
func (c *certificates) load() error {
	changed, err := c.times()
	if err != nil {
		return err
	}
	c.changed = changed
	pair, err := readPair(c.certFile, c.keyFile)
	if err == nil {
		c.current = pair
	}
	return err
}

func (c *certificates) times() (changed [2]time.Time, err error) {
	cert, certErr := os.Stat(c.certFile)
	key, keyErr := os.Stat(c.keyFile)
	if err := errors.Join(certErr, keyErr); err != nil {
		return changed, err
	}
	return [2]time.Time{cert.ModTime(), key.ModTime()}, nil
}
