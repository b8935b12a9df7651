package front

import (
	"bytes"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"
)

// Of a key that is stolen nobody has much: clients refuse what it signs for others.
func TestAClientThatTrustsTheAuthorityTrustsNoOtherHost(t *testing.T) {
	a, err := NewAuthority("emulator.test", "10.1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	verify := func(host string) error {
		signed, err := a.sign(host) // as a thief would, who asks nobody
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(signed.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host})
		return err
	}
	for _, host := range []string{
		"vod.tencentcloudapi.com", "vod.intl.tencentcloudapi.com", "vod.ap-guangzhou.tencentcloudapi.com",
		"1500000001-1234.cos.ap-guangzhou.myqcloud.com", "localhost", "127.0.0.1", "127.9.9.9", "::1", "emulator.test", "10.1.2.3",
	} {
		if err := verify(host); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, host := range []string{
		"www.example.com", "tencentcloudapi.com", "cvm.tencentcloudapi.com", "myqcloud.com", "cos.mars.myqcloud.com",
		"vod.tencentcloudapi.com.evil.example", "192.0.2.1", "10.1.2.4", "2001:db8::1", "::ffff:8.8.8.8",
	} {
		if err := verify(host); err == nil || !strings.Contains(err.Error(), "not permitted by any constraint") {
			t.Errorf("a certificate for %s is refused with %v", host, err)
		}
		if _, err := a.leaf(host); err == nil {
			t.Errorf("it signs one for %s", host)
		}
	}
}

func TestAnAuthorityIsGoodForADayAndOnlyForServers(t *testing.T) {
	a, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	c := a.certificate
	if left := time.Until(a.Ends()); left > lifetime || left < lifetime-time.Minute {
		t.Errorf("it is good for %v", left)
	}
	if !c.IsCA || !c.MaxPathLenZero || c.KeyUsage != x509.KeyUsageCertSign || !c.PermittedDNSDomainsCritical ||
		len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth {
		t.Errorf("it is an authority: %t, of servers alone: %t, for uses %b and %v, critical: %t",
			c.IsCA, c.MaxPathLenZero, c.KeyUsage, c.ExtKeyUsage, c.PermittedDNSDomainsCritical)
	}
	if bytes.Contains(a.PEM(), []byte("KEY")) || bytes.Count(a.PEM(), []byte("-----BEGIN")) != 1 {
		t.Errorf("its certificate is %s", a.PEM())
	}
}

func TestTwoAuthoritiesDoNotTrustEachOther(t *testing.T) {
	one, two := emulated(t), emulated(t)
	transport := one.transport(false)
	if response, err := transport.RoundTrip(request(t, "https://"+two.address)); err == nil {
		response.Body.Close()
		t.Error("they do")
	}
	two.wantError(ErrUntrusted)
}

func TestAnAddressIsOfTheCertificateWhicheverLoopbackItIs(t *testing.T) {
	a, err := NewAuthority("10.1.2.3", "Emulator.Test.")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := a.leaf("")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(signed.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1", "localhost", "10.1.2.3", "emulator.test"} {
		if err := leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if got := only(net.ParseIP("10.1.2.3"), 128).String(); got != "10.1.2.3/32" {
		t.Errorf("an address is the network %s", got)
	}
}
