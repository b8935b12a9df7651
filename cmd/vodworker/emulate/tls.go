package emulate

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest/front"
)

// A trust is an authority, and the file with its certificate, which clients are told to trust.
type trust struct {
	authority *front.Authority
	file      string // "": nowhere, the control API has it
	temporary string // folder that goes when the emulator ends
}

// newTrust makes an authority for the hosts, or takes the one that is kept in dir.
func newTrust(dir string, hosts []string) (*trust, error) {
	hosts = slices.DeleteFunc(slices.Clone(hosts), isAny)
	if dir != "" {
		authority, err := front.KeepAuthority(dir, hosts...)
		if err != nil {
			return nil, usage.Mistaken(fmt.Errorf("--tls-dir: %w", err))
		}
		file, err := filepath.Abs(filepath.Join(dir, "authority.pem"))
		return &trust{authority: authority, file: file}, err
	}
	authority, err := front.NewAuthority(hosts...)
	if err != nil { // of a name that no certificate can have
		return nil, usage.Mistaken(fmt.Errorf("--host: %w", err))
	}
	temporary, err := os.MkdirTemp("", "vodworker-") // 0700
	if err != nil {
		return &trust{authority: authority}, nil // a container may have no place for files, and its clients would not see them
	}
	t := &trust{authority, filepath.Join(temporary, "authority.pem"), temporary}
	if err := os.WriteFile(t.file, authority.PEM(), 0o600); err != nil {
		return nil, errors.Join(err, t.end())
	}
	return t, nil
}

// isAny tells the addresses that stand for all of a machine's, by which nobody is called.
func isAny(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsUnspecified()
}

// end removes the certificate, if it was for this run alone. There may be no trust at all.
func (t *trust) end() error {
	if t == nil || t.temporary == "" {
		return nil
	}
	return os.RemoveAll(t.temporary)
}
