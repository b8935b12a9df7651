package front

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/vendors"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// lifetime is short: whoever trusts an authority need not trust it for longer than a day of work.
const lifetime = 24 * time.Hour

// An Authority signs the certificates of an emulator. A client trusts it for VOD's API and storage, localhost, loopback
// addresses, and the names that it was made with, with all that is below these, and for nothing else: its certificate says so
// itself.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	leafKey     *ecdsa.PrivateKey // of all certificates that it signs
	names       []string
}

// NewAuthority makes an authority that is good for a day. Its key is in memory only. Names are hosts, or IP addresses, at which
// the emulator is called, beside those of VOD, localhost and loopback addresses.
func NewAuthority(names ...string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := constrained(canonicalAll(names))
	template.SerialNumber, template.NotBefore, template.NotAfter = serial(), now.Add(-time.Hour), now.Add(lifetime)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the authority's certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return newAuthority(certificate, key, names)
}

func newAuthority(certificate *x509.Certificate, key *ecdsa.PrivateKey, names []string) (*Authority, error) {
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &Authority{certificate, key, leafKey, canonicalAll(names)}, err
}

// constrained returns the certificate of an authority for servers of these names and of VOD's.
func constrained(names []string) *x509.Certificate {
	hosts, storage := vendors.Emulated()
	template := &x509.Certificate{
		Subject:                     pkix.Name{CommonName: "vodworker emulator, good for a day"},
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         slices.Concat(hosts, storage, []string{"localhost"}),
		PermittedIPRanges:           []*net.IPNet{only(net.IPv4(127, 0, 0, 0), 8), only(net.IPv6loopback, 128)},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.PermittedIPRanges = append(template.PermittedIPRanges, only(ip, 128))
		} else {
			template.PermittedDNSDomains = append(template.PermittedDNSDomains, name)
		}
	}
	return template
}

// only returns the network of the addresses that begin with as many bits of ip, of all of them at most.
func only(ip net.IP, bits int) *net.IPNet {
	if v4 := ip.To4(); v4 != nil {
		ip = v4
	}
	size := 8 * len(ip)
	return &net.IPNet{IP: ip, Mask: net.CIDRMask(min(bits, size), size)}
}

// PEM returns the authority's certificate, for clients to trust. It is no secret.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Ends returns when the certificates end that it signs, and its own. A server must be started again by then, with a new one.
func (a *Authority) Ends() time.Time { return a.certificate.NotAfter }

var errForeignName = errors.New("the name is none of this emulator's")

func foreignName(name string) error { return fmt.Errorf("%w: %.100q", errForeignName, name) }

// permits tells the hosts of which it signs certificates.
func (a *Authority) permits(host string) bool {
	return host == "localhost" || slices.Contains(a.names, host) || isVendor(host)
}

// leaf returns a certificate for a server of this name, which is canonical; of "" one for the addresses that it may have. To make
// one takes less than a millisecond, so that none is kept.
func (a *Authority) leaf(name string) (*tls.Certificate, error) {
	if name == "" {
		return a.sign(append([]string{"localhost", "127.0.0.1", "::1"}, a.names...)...)
	}
	if !a.permits(name) {
		return nil, foreignName(name)
	}
	return a.sign(name)
}

func (a *Authority) sign(names ...string) (*tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: "vodworker emulator"}, // a name of a bucket may be longer than it can be
		NotBefore:    a.certificate.NotBefore,
		NotAfter:     a.certificate.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, a.leafKey.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.leafKey}, nil
}

func serial() *big.Int {
	number := make([]byte, 16)
	_, _ = rand.Read(number) // it never fails
	number[0] = number[0]&0x7f | 1
	return new(big.Int).SetBytes(number)
}

// isVendor tells the hosts of VOD's API and storage, and nothing else of the vendor.
func isVendor(name string) bool {
	_, _, bucket := vendors.Bucket(name)
	return bucket || vendors.IsAPI(name)
}

func canonicalAll(names []string) []string {
	var all []string
	for _, name := range names {
		if name = weburl.Host(name); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
