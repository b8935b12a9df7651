package front

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// The files of an authority that is kept. That of the key has the certificate too, so that both are replaced at once.
const (
	certificateFile = "authority.pem"
	keyFile         = "key.pem"
)

// restIsTooShort is when an authority is made anew, since clients that begin now could outlive it.
const restIsTooShort = 12 * time.Hour

// KeepAuthority returns the authority whose key is in a folder, so that clients need not be told of a new one each time an
// emulator starts. It makes another if there is none, if it ends within 12 hours, or if it is not for exactly these names. It
// makes the folder too, if it must, and refuses one that is another user's, or that others can read. The certificate is in the
// folder's authority.pem. A folder is for one emulator at a time, but for those of the same names.
func KeepAuthority(dir string, names ...string) (*Authority, error) {
	dir = filepath.Clean(dir) // of a link with a slash behind it Lstat tells of the folder
	if err := private(dir); err != nil {
		return nil, err
	}
	a, err := load(filepath.Join(dir, keyFile), names)
	if err == nil && a == nil {
		a, err = renew(dir, names)
	}
	if err != nil {
		return nil, err
	}
	if there, err := os.ReadFile(filepath.Join(dir, certificateFile)); err == nil && bytes.Equal(there, a.PEM()) {
		return a, nil
	}
	return a, write(dir, certificateFile, a.PEM(), os.Rename)
}

// renew puts a new authority in place of what is in a folder, or takes the one that another emulator has put there meanwhile.
func renew(dir string, names []string) (*Authority, error) {
	a, err := NewAuthority(names...)
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, err
	}
	both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), a.PEM()...)
	path := filepath.Join(dir, keyFile)
	for range 2 {
		err := write(dir, keyFile, both, os.Link) // which replaces nothing
		if !errors.Is(err, fs.ErrExist) {
			return a, err
		}
		if there, err := load(path, names); err != nil || there != nil {
			return there, err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("another emulator with other names begins to use %s: name another folder", dir)
}

// private makes a folder, or sees that nobody else gets into the one that there is.
func private(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder: name another one", dir)
	}
	return closed(dir, info, "chmod 700")
}

// closed refuses what others can read, or change.
func closed(path string, info fs.FileInfo, remedy string) error {
	if !isOurs(info) {
		return fmt.Errorf("%s is another user's: name a folder of yours, or one that is not there yet", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("others can read %s, where the authority's key is: %s %[1]s, or name another folder", path, remedy)
	}
	return nil
}

// load reads an authority. It returns none if there is none, or one that is not good any more.
func load(path string, names []string) (*Authority, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file: remove it, and start again", path)
	}
	if err := closed(path, info, "chmod 600"); err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(path, path)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: remove it, and start again: %w", path, err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("%s is not of an authority: remove it, and start again", path)
	}
	now := time.Now()
	if now.Before(pair.Leaf.NotBefore) || pair.Leaf.NotAfter.Sub(now) < restIsTooShort || !isFor(pair.Leaf, canonicalAll(names)) {
		return nil, nil
	}
	return newAuthority(pair.Leaf, key, names)
}

// isFor tells whether a certificate is such as one for these names is that is made today.
func isFor(certificate *x509.Certificate, names []string) bool {
	want := constrained(names)
	same := func(a, b *net.IPNet) bool { return a.String() == b.String() }
	return certificate.NotAfter.Sub(certificate.NotBefore) <= lifetime+time.Hour &&
		certificate.PermittedDNSDomainsCritical && certificate.MaxPathLenZero &&
		certificate.KeyUsage == want.KeyUsage && slices.Equal(certificate.ExtKeyUsage, want.ExtKeyUsage) &&
		slices.Equal(certificate.PermittedDNSDomains, want.PermittedDNSDomains) &&
		slices.EqualFunc(certificate.PermittedIPRanges, want.PermittedIPRanges, same)
}

// write writes a file that only we can read, all of it or nothing, and puts it where it belongs.
func write(dir, name string, content []byte, put func(from, to string) error) error {
	file, err := os.CreateTemp(dir, name+".*") // 0600, and never one that is there
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = put(file.Name(), filepath.Join(dir, name))
	}
	if left := os.Remove(file.Name()); !errors.Is(left, fs.ErrNotExist) {
		err = errors.Join(err, left)
	}
	return err
}
