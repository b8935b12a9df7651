package front

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnePortSpeaksHTTPAndHTTPS(t *testing.T) {
	f := emulated(t)
	client := &http.Client{Transport: f.transport(false)}
	for _, scheme := range []string{"http", "https"} {
		for range 2 { // on one connection
			response, err := client.Do(request(t, scheme+"://"+f.address+"/"))
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if !strings.Contains(string(body), "Scheme    "+strings.ToUpper(scheme)+"\n") || response.ProtoMajor != 1 {
				t.Errorf("%s: it answers %s", scheme, body)
			}
		}
	}
}

func TestThereIsNoHTTP2(t *testing.T) {
	f := emulated(t)
	c := tls.Client(f.dial(), &tls.Config{RootCAs: f.roots(), ServerName: "localhost", NextProtos: []string{"h2", "http/1.1"}})
	if err := c.Handshake(); err != nil || c.ConnectionState().NegotiatedProtocol != "http/1.1" {
		t.Errorf("it speaks %q, %v", c.ConnectionState().NegotiatedProtocol, err)
	}
}

func TestWithoutAnAuthorityThereIsHTTPAlone(t *testing.T) {
	f := start(t, nil, "127.0.0.1:0")
	response, err := http.Get("http://" + f.address)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	response, err = http.Get("https://" + f.address)
	if err == nil {
		response.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "HTTP response to HTTPS client") {
		t.Errorf("https is answered %v", err)
	}
}

// The page and the control API are for names of ours, whatever they are reached by.
func TestAForeignHostIsRefusedByHTTPSToo(t *testing.T) {
	f := emulated(t, "emulator.test")
	for _, test := range []struct {
		sni, host, origin string
		want              int
	}{
		{"localhost", "localhost", "", http.StatusOK},
		{"emulator.test", "emulator.test:9266", "", http.StatusOK},
		{"", "127.0.0.1", "", http.StatusOK},
		{"127.0.0.1.", "127.0.0.1", "", http.StatusOK},
		{"", "evil.example", "", http.StatusForbidden},
		{"localhost", "evil.example", "", http.StatusMisdirectedRequest},
		{"localhost", "vod.tencentcloudapi.com", "", http.StatusMisdirectedRequest},
		{"localhost", "localhost", "https://evil.example", http.StatusForbidden},
		{"localhost", "localhost", "http://localhost:1", http.StatusForbidden},
	} {
		c := tls.Client(f.dial(), &tls.Config{ServerName: test.sni, InsecureSkipVerify: true})
		line := "GET /emulator/state HTTP/1.1\r\n"
		if test.origin != "" {
			line = "POST /emulator/reset HTTP/1.1\r\nContent-Length: 2\r\nOrigin: " + test.origin + "\r\n"
		}
		if status, body := ask(t, c, line+"Host: "+test.host+"\r\n\r\n{}"); status != test.want {
			t.Errorf("%+v: it answers %d %.200s", test, status, body)
		}
	}
}

func TestAForeignSNIIsRefused(t *testing.T) {
	f := emulated(t, "emulator.test")
	for _, name := range []string{
		"www.example.com", "cvm.tencentcloudapi.com", "x.emulator.test", "a.b.cos.ap-guangzhou.myqcloud.com", "x.localhost",
	} {
		c := tls.Client(f.dial(), &tls.Config{ServerName: name, InsecureSkipVerify: true})
		if err := c.Handshake(); err == nil {
			t.Errorf("there is a certificate for %s", name)
		}
		f.wantError(ErrForeign)
	}
}

func TestAClientIsToldApartByWhatItSaysWhenItDoesNotTrust(t *testing.T) {
	f := emulated(t)
	if response, err := http.Get("https://" + f.address); err == nil { // the machine's own roots
		response.Body.Close()
		t.Error("it trusts the authority")
	}
	f.wantError(ErrUntrusted)
	old := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if err := tls.Client(f.dial(), old).Handshake(); err == nil {
		t.Error("there is TLS 1.1")
	}
	f.wantError(ErrHandshake)

	f.authority.certificate.NotAfter = time.Now().Add(-time.Minute)
	if response, err := f.transport(false).RoundTrip(request(t, "https://"+f.address)); err == nil {
		response.Body.Close()
		t.Error("a certificate is good that has ended")
	}
	f.wantError(ErrEnded)
}

func TestSlowClientsKeepNobodyWaitingAndAreLeft(t *testing.T) {
	authority, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		piped := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
		hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
		server := &Server{Handler: hello, Vendor: hello, Authority: authority}
		served := make(chan error, 1)
		go func() { served <- server.Serve(piped) }()
		defer func() { server.Close(); <-served }()

		var slow []net.Conn
		for _, start := range []string{"", "\x16", "\x16\x03\x01", "C", "CONNECT vod.tencentcloudapi.com:443 HTTP/1.1\r\nA", "GET"} {
			for range 50 {
				c := piped.dial()
				if _, err := io.WriteString(c, start); err != nil {
					t.Fatal(err)
				}
				slow = append(slow, c)
			}
		}
		began := time.Now()
		if status, body := ask(t, piped.dial(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); status != 200 || body != "hello" {
			t.Errorf("the next one is answered %d %s", status, body)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("it has waited for %v", waited)
		}
		for _, c := range slow {
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("the slow ones are left after %v", waited)
		}
	})
}

// pipes is a listener of the loopback interface, in memory.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.closed); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.accept <- theirs
	return ours
}
