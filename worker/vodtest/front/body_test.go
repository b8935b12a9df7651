package front

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestABodyMayBeSlowAndMayNotStandStill(t *testing.T) {
	for _, test := range []struct {
		pause time.Duration
		want  string
	}{{time.Minute, "all"}, {3 * time.Minute, "broken off"}} {
		synctest.Test(t, func(t *testing.T) {
			piped := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
			read := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					_, _ = io.WriteString(w, "broken off")
					return
				}
				time.Sleep(time.Hour) // a call that is held
				if r.Context().Err() == nil {
					_, _ = io.WriteString(w, "all")
				}
			})
			server := &Server{Handler: read, Vendor: read}
			served := make(chan error, 1)
			go func() { served <- server.Serve(piped) }()
			defer func() { server.Close(); <-served }()
			c := piped.dial()
			defer c.Close()
			if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			go func() {
				for range 10 {
					time.Sleep(test.pause)
					if _, err := io.WriteString(c, "x"); err != nil {
						return // the server has left
					}
				}
			}()
			if _, got := answered(t, bufio.NewReader(c)); got != test.want {
				t.Errorf("with a byte each %v the body is %s, want %s", test.pause, got, test.want)
			}
		})
	}
}

func TestAConnectionThatNobodyUsesIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		piped := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
		empty := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		server := &Server{Handler: empty, Vendor: empty}
		served := make(chan error, 1)
		go func() { served <- server.Serve(piped) }()
		defer func() { server.Close(); <-served }()
		c := piped.dial()
		defer c.Close()
		if status, _ := ask(t, c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); status != http.StatusOK {
			t.Errorf("it answers %d", status)
		}
		began := time.Now()
		_, _ = io.Copy(io.Discard, c)
		if waited := time.Since(began); waited != stall {
			t.Errorf("it is left after %v", waited)
		}
	})
}
