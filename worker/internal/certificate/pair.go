package certificate

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io/fs"
	"strings"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// readPair reads a certificate, with those between it and its root, and its key.
func readPair(certFile, keyFile string) (*tls.Certificate, error) {
	certText, err := disk.ReadNamed(certFile)
	if err != nil {
		return nil, err
	}
	keyText, err := disk.ReadNamed(keyFile)
	if err != nil {
		return nil, err
	}
	cert, key := block(certText, "CERTIFICATE"), block(keyText, "PRIVATE KEY")
	switch {
	case cert == nil:
		return nil, blame(certFile, "there is no PEM certificate in it; name the file of the certificate")
	case key == nil:
		return nil, blame(keyFile, "there is no PEM key in it; name the file of the key")
	case isEncrypted(key):
		return nil, blame(keyFile, "the key is encrypted; decrypt it, such as with openssl pkey -in FILE -out NEW")
	}
	pair, err := tls.X509KeyPair(certText, keyText)
	switch {
	case err == nil:
		return &pair, nil
	case strings.Contains(err.Error(), "does not match"):
		return nil, blame(keyFile, "the key does not belong to the certificate; name the key that it was made with")
	case strings.Contains(err.Error(), "private key"):
		return nil, blame(keyFile, "the key can't be read; it must be RSA, ECDSA or Ed25519, in PEM, whole")
	}
	return nil, blame(certFile, "the certificate can't be read; it must be X.509, in PEM, whole")
}

// block returns the first block of PEM whose type ends so; nil if there is none.
func block(text []byte, kind string) *pem.Block {
	for {
		found, rest := pem.Decode(text)
		if found == nil || strings.HasSuffix(found.Type, kind) {
			return found
		}
		text = rest
	}
}

func isEncrypted(key *pem.Block) bool {
	return strings.HasPrefix(key.Type, "ENCRYPTED") || strings.Contains(key.Headers["Proc-Type"], "ENCRYPTED")
}

// blame says what is wrong with a file.
func blame(file, format string, args ...any) error {
	return &fs.PathError{Op: "read", Path: file, Err: fmt.Errorf(format, args...)}
}
