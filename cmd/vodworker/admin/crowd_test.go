package admin

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// Strangers reach the port, and what they open must leave files and memory to the worker.
func TestACrowdThatSaysNothingKeepsNoProbeOut(t *testing.T) {
	s, err := Listen(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var crowd []net.Conn
	for i := range maxConns + 20 {
		conn, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 0 { // it is answered at once, and the body is waited for
			_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
		}
		crowd = append(crowd, conn)
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for range 3 {
		answer, err := client.Get(s.URL() + "/livez")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Error(answer.Status)
		}
	}
	// The first of those that say nothing: what the others say may be heard late, which makes them young.
	first := crowd[1]
	_ = first.SetReadDeadline(time.Now().Add(headerTime - time.Second)) // later it would be closed for its silence
	if _, err := io.Copy(io.Discard, first); err != nil {
		if timeout, is := err.(net.Error); is && timeout.Timeout() {
			t.Error("the first one is open still")
		}
	}
}
