package front

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func request(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ask sends what a client may never send, and returns the answer.
func ask(t *testing.T, c net.Conn, text string) (status int, body string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return answered(t, bufio.NewReader(c))
}

func answered(t *testing.T, from *bufio.Reader) (status int, body string) {
	t.Helper()
	response, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// tunnel connects as a proxy's client does, and returns what TLS can be spoken on.
func (f *fronted) tunnel(host string) net.Conn {
	f.t.Helper()
	c := f.dial()
	if _, err := io.WriteString(c, "CONNECT "+host+":443 HTTP/1.1\r\nHost: "+host+":443\r\n\r\n"); err != nil {
		f.t.Fatal(err)
	}
	const established = "HTTP/1.1 200 Connection established\r\n\r\n"
	answer := make([]byte, len(established))
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != established {
		f.t.Fatalf("the tunnel's answer is %q, %v", answer, err)
	}
	return c
}

func TestTheProxyAnswersForTheHostsOfVODsAPIAndStorage(t *testing.T) {
	f := emulated(t)
	client := &http.Client{Transport: f.transport(true)}
	for _, host := range []string{
		"vod.tencentcloudapi.com", "VOD.intl.tencentcloudapi.com", "vod.ap-singapore.tencentcloudapi.com",
		"vod.tencentcloudapi.com:443", "1500000001-1234.cos.ap-guangzhou.myqcloud.com",
	} {
		response, err := client.Do(request(t, "https://"+host+"/"))
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		response.Body.Close()
	}
}

func TestTheProxyReachesNobodyElse(t *testing.T) {
	f := emulated(t, "emulator.test")
	for _, text := range []string{
		"CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
		"CONNECT www.example.com:443 HTTP/1.1\r\nHost: vod.tencentcloudapi.com:443\r\n\r\n",
		"CONNECT cvm.tencentcloudapi.com:443 HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT vod.tencentcloudapi.com:80 HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT vod.tencentcloudapi.com:8443 HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT vod.tencentcloudapi.com HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT user:password@vod.tencentcloudapi.com:443 HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT localhost:443 HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT emulator.test:443 HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT " + f.address + " HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT /emulator/state HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET http://www.example.com/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
		"GET http://vod.tencentcloudapi.com/ HTTP/1.1\r\nHost: vod.tencentcloudapi.com\r\n\r\n",
		"GET http://127.0.0.1/emulator/state HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"GET https://vod.tencentcloudapi.com/ HTTP/1.1\r\nHost: vod.tencentcloudapi.com\r\n\r\n",
		"COPY ftp://www.example.com/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
		"CONNECT vod.tencentcloudapi.com:443 HTTP/1.1\r\nHost: a\r\nPad: " + strings.Repeat("x", maxConnect) + "\r\n\r\n",
	} {
		status, body := ask(t, f.dial(), text)
		if strings.Contains(text, "Pad: ") && !strings.Contains(body, "with a header of at most 8 KB") {
			t.Errorf("a long CONNECT is answered %s", body)
		}
		if status != http.StatusForbidden || !strings.Contains(body, "NO_PROXY") {
			t.Errorf("%.60q: it answers %d %s", text, status, body)
			continue
		}
		f.wantError(ErrForeign)
	}
}

func TestThereIsNoProxyWithoutAnAuthorityOrForOthersThanThisMachine(t *testing.T) {
	for _, test := range []struct {
		f    *fronted
		want string
	}{
		{start(t, nil, "127.0.0.1:0"), "--tls"},
		{start(t, emulated(t).authority, "0.0.0.0:0"), "loopback"},
	} {
		_, port, _ := net.SplitHostPort(test.f.address)
		test.f.address = "127.0.0.1:" + port
		status, body := ask(t, test.f.dial(), "CONNECT vod.tencentcloudapi.com:443 HTTP/1.1\r\nHost: a\r\n\r\n")
		if status != http.StatusForbidden || !strings.Contains(body, test.want) {
			t.Errorf("it answers %d %s, want %s", status, body, test.want)
		}
		test.f.wantError(ErrNoProxy)
		status, _ = ask(t, test.f.dial(), "CONNECT www.example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n")
		if status != http.StatusForbidden {
			t.Errorf("for another host it answers %d", status)
		}
		test.f.wantError(ErrForeign)
	}
}

func TestATunnelIsOfOneHost(t *testing.T) {
	f := emulated(t, "emulator.test")
	const host = "vod.tencentcloudapi.com"
	for _, other := range []string{"www.example.com", "localhost", "emulator.test", "vod.intl.tencentcloudapi.com"} {
		if err := tls.Client(f.tunnel(host), &tls.Config{RootCAs: f.roots(), ServerName: other}).Handshake(); err == nil {
			t.Errorf("it has a certificate for %s", other)
		}
		f.wantError(ErrForeign)

		c := tls.Client(f.tunnel(host), &tls.Config{RootCAs: f.roots(), ServerName: host})
		status, _ := ask(t, c, "GET /emulator/state HTTP/1.1\r\nHost: "+other+"\r\n\r\n")
		if status != http.StatusMisdirectedRequest {
			t.Errorf("a request for %s is answered %d", other, status)
		}
		c = tls.Client(f.tunnel(host), &tls.Config{RootCAs: f.roots(), ServerName: host})
		status, _ = ask(t, c, "GET https://"+other+"/emulator/state HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		if status != http.StatusForbidden {
			t.Errorf("a request of a proxy, for %s, is answered %d", other, status)
		}
		f.wantError(ErrForeign)
	}
}

// The names of a client that sends none are those of its CONNECT.
func TestATunnelNeedsNoSNI(t *testing.T) {
	f := emulated(t)
	c := tls.Client(f.tunnel("vod.tencentcloudapi.com"), &tls.Config{RootCAs: f.roots(), InsecureSkipVerify: true})
	if status, _ := ask(t, c, "GET / HTTP/1.1\r\nHost: vod.tencentcloudapi.com\r\n\r\n"); status != http.StatusOK {
		t.Errorf("it answers %d", status)
	}
	if err := c.ConnectionState().PeerCertificates[0].VerifyHostname("vod.tencentcloudapi.com"); err != nil {
		t.Error(err)
	}
}

func TestAtVODsHostsThereIsNoPageAndNoControlAPI(t *testing.T) {
	f := emulated(t)
	for _, proxied := range []bool{true, false} {
		transport := f.transport(proxied)
		if !proxied { // as by /etc/hosts
			transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, f.address)
			}
		}
		client := &http.Client{Transport: transport}
		for _, host := range []string{"vod.tencentcloudapi.com", "1-1.cos.ap-guangzhou.myqcloud.com"} {
			for _, path := range []string{"/", "/emulator/state", "/emulator/authority", "/emulator/emulator.js"} {
				r := request(t, "https://"+host+path)
				r.Header.Set("Accept", "text/html")
				response, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(response.Body)
				response.Body.Close()
				kind := response.Header.Get("Content-Type")
				if strings.HasPrefix(kind, "text/html") || strings.Contains(kind, "javascript") || strings.Contains(string(body), "Queue") {
					t.Errorf("%s%s is answered with %s: %.80s", host, path, kind, body)
				}
			}
		}
	}
}

// What follows a CONNECT at once is the handshake, or nothing that anybody takes for a request.
func TestNothingIsSmuggledBehindAConnect(t *testing.T) {
	f := emulated(t)
	c := f.dial()
	_, err := io.WriteString(c, "CONNECT vod.tencentcloudapi.com:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"+
		"GET /emulator/state HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(c)
	if text := string(rest); strings.Count(text, "HTTP/1.1") > 1 || strings.Contains(text, "Queue") {
		t.Errorf("it answers %q", text)
	}

	// A client that is in a hurry sends its handshake along.
	hurried := &hurry{Conn: f.dial(), first: []byte("CONNECT vod.tencentcloudapi.com:443 HTTP/1.1\r\nHost: a\r\n\r\n")}
	secured := tls.Client(hurried, &tls.Config{RootCAs: f.roots(), ServerName: "vod.tencentcloudapi.com"})
	if status, _ := ask(t, secured, "GET / HTTP/1.1\r\nHost: vod.tencentcloudapi.com\r\n\r\n"); status != http.StatusOK {
		t.Errorf("it answers %d", status)
	}
}

// A hurry is a connection that sends its first two writes as one, and reads over the answer to the first.
type hurry struct {
	net.Conn
	first []byte
	read  *bufio.Reader
}

func (h *hurry) Write(p []byte) (int, error) {
	_, err := h.Conn.Write(append(h.first, p...))
	h.first = nil
	return len(p), err
}

func (h *hurry) Read(p []byte) (int, error) {
	if h.read == nil {
		h.read = bufio.NewReader(h.Conn)
		for range 2 {
			if _, err := h.read.ReadString('\n'); err != nil {
				return 0, err
			}
		}
	}
	return h.read.Read(p)
}
