package front

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What follows on a connection that was meant for somebody else is for nobody.
func TestAConnectionEndsWithARequestThatIsRefused(t *testing.T) {
	f := emulated(t)
	for text, c := range map[string]net.Conn{
		"GET http://www.example.com/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n": f.dial(),
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n": tls.Client(f.tunnel("vod.tencentcloudapi.com"),
			&tls.Config{RootCAs: f.roots(), ServerName: "vod.tencentcloudapi.com"}),
	} {
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode < 400 || !response.Close {
			t.Errorf("%q is answered %s, and the connection goes on", text, response.Status)
		}
		response.Body.Close()
	}
}

// A server that does not read what a client still sends says so, and is listened to: a connection that is reset loses the answer.
func TestAConnectionEndsInOneDirection(t *testing.T) {
	authority, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepting := splitting{listener, &Server{Authority: authority}}
	for _, secured := range []bool{false, true} {
		client, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if err := client.SetDeadline(time.Now().Add(30 * time.Second)); err != nil { // it fails anyhow
			t.Fatal(err)
		}
		if secured {
			client = tls.Client(client, &tls.Config{InsecureSkipVerify: true})
		}
		server, err := accepting.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(client, "GET")
			sent <- err
		}()
		if _, err := io.ReadFull(server, make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if err := server.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Error(err)
		}
		if rest, err := io.ReadAll(client); err != nil || len(rest) != 0 {
			t.Errorf("secured %t: the client reads %q, %v", secured, rest, err)
		}
		if _, err := io.WriteString(client, "more"); err != nil {
			t.Errorf("secured %t: the client cannot send any more: %v", secured, err)
		}
	}
}

func TestAConnectOfBareLineFeedsIsAnswered(t *testing.T) {
	f := emulated(t)
	for _, text := range []string{
		"CONNECT vod.tencentcloudapi.com:443 HTTP/1.1\nHost: a\n\n", "CONNECT vod.tencentcloudapi.com:443 HTTP/1.1\nHost: a\n\r\n",
	} {
		c := f.dial()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if answer, err := bufio.NewReader(c).ReadString('\n'); !strings.HasPrefix(answer, "HTTP/1.1 200 ") {
			t.Errorf("%q is answered %q, %v", text, answer, err)
		}
	}
}

// Causes are told once each, so that a port scan would hide the client that has a cause.
func TestWhoLeavesBeforeTheHandshakeHasNoCause(t *testing.T) {
	f := emulated(t)
	for _, c := range []net.Conn{f.dial(), f.tunnel("vod.tencentcloudapi.com")} {
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, c) // until the server is done with it
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.errors) != 0 {
		t.Errorf("it is told %v", f.errors)
	}
}
