package callback_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/internal/pipe"
)

func TestOnlyEventsAreTaken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(0, 0, &runs)}, callback.Options{})
		for name, test := range map[string]struct {
			method, body string
			want         int
		}{
			"a probe":         {"GET", "", 200},
			"a HEAD":          {"HEAD", "", 200},
			"a PUT":           {"PUT", uploaded("1"), 405},
			"a DELETE":        {"DELETE", "", 405},
			"nothing":         {"POST", "", 400},
			"half an event":   {"POST", uploaded("1")[:20], 400},
			"two events":      {"POST", uploaded("1") + uploaded("2"), 400},
			"a list":          {"POST", "[" + uploaded("1") + "]", 400},
			"no type":         {"POST", `{"FileUploadEvent":{"FileId":"1"}}`, 400},
			"a form":          {"POST", "EventType=NewFileUpload", 400},
			"as large as may": {"POST", uploaded(strings.Repeat("1", callback.MaxBody-len(uploaded("")))), 200},
		} {
			for _, length := range []bool{true, false} {
				r, _ := http.NewRequestWithContext(t.Context(), test.method, "http://receiver/", strings.NewReader(test.body))
				r.Header.Set("Content-Type", "text/odd")
				if !length {
					r.ContentLength = -1
				}
				wantEqual(t, name, c.serve(&recorder{}, r), test.want)
			}
		}
		wantEqual(t, "events that reached a handler", len(runs.all()), 1)
		wantEqual(t, "refused", c.Status().Invalid, 12)
		c.stop()
	})
}

// served serves c, to whom dial connects, with the timeouts that the documentation asks for, and one for reading.
func served(t *testing.T, c *caller, reading time.Duration) (dial func() net.Conn) {
	l := pipe.Listen()
	server := &http.Server{Handler: c.Receiver, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: reading, IdleTimeout: 30 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		c.stop(server)
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		time.Sleep(time.Second) // for which a server waits on connections that it closes early
	})
	return func() net.Conn {
		conn, err := l.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
}

func request(body string, length int) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: receiver\r\nContent-Length: %d\r\n\r\n%s", length, body)
}

// status reads one answer; 0 if the connection is closed instead.
func status(t *testing.T, conn net.Conn, from *bufio.Reader) int {
	t.Helper()
	response, err := http.ReadResponse(from, nil)
	if err != nil {
		if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		return noAnswer
	}
	return response.StatusCode
}

func TestAServerHoldsWhatIsNotAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, []worker.Handler{failing(1, 0, &counter{})}, callback.Options{})
		dial := served(t, c, 5*time.Second)
		conn := dial()
		defer conn.Close()
		from := bufio.NewReader(conn)
		io.WriteString(conn, request(uploaded("1"), len(uploaded("1"))))
		wantEqual(t, "first try", status(t, conn, from), noAnswer)
		c.at(6 * time.Second) // the server's ReadTimeout of 5 s does not end it

		conn = dial()
		defer conn.Close()
		from = bufio.NewReader(conn)
		for range 3 { // on one connection
			io.WriteString(conn, request(uploaded("1"), len(uploaded("1"))))
			wantEqual(t, "next try", status(t, conn, from), http.StatusOK)
			time.Sleep(10 * time.Second)
		}
		conn.Close()
	})
}

func TestAServerNoticesThatVODHangsUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, []worker.Handler{failing(0, 8*time.Second, &counter{})}, callback.Options{})
		dial := served(t, c, 0)
		conn := dial()
		io.WriteString(conn, request(uploaded("1"), len(uploaded("1"))))
		time.Sleep(2 * time.Second)
		wantEqual(t, "held", c.Status().Held, 1)
		conn.Close()
		synctest.Wait()
		wantEqual(t, "held", c.Status().Held, 0)
	})
}
