package callback_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
	"github.com/vodworker/vodworker/worker/internal/pipe"
)

const fewPlaces = 40

// serveInBubble runs a Server of ours, with few places, until the test ends, for whoever dials.
func serveInBubble(t *testing.T, c *caller, opts callback.ServerOptions) (dial func() net.Conn) {
	l := pipe.Listen()
	opts.Log = c.log.logger()
	server := callback.ServeOn(c.Receiver, l, fewPlaces, opts)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // for which a server waits on connections that it closes early
	})
	return func() net.Conn {
		conn, err := l.Dial(context.Background(), "", "")
		if err != nil {
			conn, _ = net.Pipe() // it has ended
			conn.Close()
		}
		return conn
	}
}

// still are strangers who say this, and then nothing. They are gone after that time.
var still = map[string]struct {
	say  string
	gone time.Duration
}{
	"silent":             {"", 5 * time.Second},
	"half a header":      {"POST / HTTP/1.1\r\nHost: r\r\nContent-Le", 5 * time.Second},
	"a body":             {"POST /vod HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n", 5 * time.Second},
	"half a body":        {"POST /vod HTTP/1.1\r\nHost: r\r\nContent-Length: 60000\r\n\r\n{" + strings.Repeat(" ", 40<<10), 5 * time.Second},
	"chunks":             {"POST /vod HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n", 5 * time.Second},
	"a GET's body":       {"GET /vod HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n", time.Second},
	"a HEAD's body":      {"HEAD /vod HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n", time.Second},
	"a PUT's chunks":     {"PUT /vod HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n", time.Second},
	"another path":       {"POST /other HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n", time.Second},
	"OPTIONS *":          {"OPTIONS * HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n", time.Second},
	"a wrong signature":  {strings.Replace(request(signed(large("1", 40), "other", "1")[:33<<10], 50<<10), "/", "/vod", 1), time.Second},
	"HTTP/2":             {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
	"an idle connection": {"GET /vod HTTP/1.1\r\nHost: r\r\n\r\n", 30 * time.Second},
	"half a next one":    {"GET /vod HTTP/1.1\r\nHost: r\r\n\r\nPOST /v", 5 * time.Second},
}

func TestNobodyStandsStillForEver(t *testing.T) {
	const century = 100 * 365 * 24 * time.Hour // a bubble begins in 2000
	certFile, keyFile := writeCertificateFor(t, t.TempDir(), "receiver", time.Now(), -century, time.Hour)
	lasts := func(t *testing.T, conn net.Conn, say string) time.Duration {
		began := time.Now()
		go io.WriteString(conn, say)
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
		return time.Since(began)
	}
	for name, stranger := range still {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				c := newCaller(t, handler(succeed), callback.Options{SignKeys: []string{testSignKey}})
				dial := serveInBubble(t, c, callback.ServerOptions{Path: "/vod"})
				if got := lasts(t, dial(), stranger.say); got > stranger.gone+time.Second/2 {
					t.Errorf("it stood for %v, want %v", got, stranger.gone)
				}
			})
		})
	}
	t.Run("half a handshake", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			c := newCaller(t, handler(succeed), callback.Options{})
			dial := serveInBubble(t, c, callback.ServerOptions{CertFile: certFile, KeyFile: keyFile})
			wantEqual(t, "it stood for", lasts(t, dial(), "\x16\x03\x01"), 5*time.Second)
		})
	})
	t.Run("one byte a second", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			c := newCaller(t, handler(succeed), callback.Options{})
			conn, began := serveInBubble(t, c, callback.ServerOptions{})(), time.Now()
			go io.Copy(io.Discard, conn)
			var err error
			for _, b := range []byte(request("{", 60)) {
				if _, err = conn.Write([]byte{b}); err != nil {
					break
				}
				time.Sleep(time.Second)
			}
			if took := time.Since(began); err == nil || took > 6*time.Second {
				t.Errorf("it stood for %v: %v", took, err)
			}
		})
	})
	t.Run("an answer that is not read", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			c := newCaller(t, handler(succeed), callback.Options{})
			conn, began := serveInBubble(t, c, callback.ServerOptions{})(), time.Now()
			var err error
			for err == nil {
				_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: r\r\n\r\n")
			}
			wantEqual(t, "it stood for", time.Since(began), 15*time.Second)
		})
	})
}

// However many stand still, and open anew when they are closed: who has something to say is let in, and answered.
func TestANewcomerAlwaysGetsIn(t *testing.T) {
	for name, stranger := range still {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var runs counter
				c := newCaller(t, []worker.Handler{failing(0, 200*time.Millisecond, &runs)}, callback.Options{SignKeys: []string{testSignKey}})
				dial := serveInBubble(t, c, callback.ServerOptions{Path: "/vod"})
				over := crowd(dial, 2*fewPlaces, stranger.say)
				time.Sleep(200 * time.Millisecond)
				end := unix(time.Now().Add(time.Minute))
				for i := range 2 {
					began := time.Now()
					conn := dial()
					body := signed(uploaded(fmt.Sprint(i)), testSignKey, end)
					go io.WriteString(conn, strings.Replace(request(body, len(body)), "/", "/vod", 1))
					wantEqual(t, "status", status(t, conn, bufio.NewReader(conn)), http.StatusOK)
					conn.Close()
					if took := time.Since(began); took > 2*time.Second {
						t.Errorf("it took %v", took)
					}
				}
				over()
				wantEqual(t, "events", len(runs.all()), 2)
				if lines := strings.Count(c.log.String(), "\n"); lines > 50 {
					t.Errorf("%d lines of log", lines)
				}
			})
		})
	}
}

// crowd has n strangers say something, and open anew soon when they are closed, until it is over.
func crowd(dial func() net.Conn, n int, say string) (over func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var strangers sync.WaitGroup
	for range n {
		strangers.Go(func() {
			for ctx.Err() == nil {
				conn := dial()
				stop := context.AfterFunc(ctx, func() { conn.Close() })
				go io.WriteString(conn, say)
				_, _ = io.Copy(io.Discard, conn)
				conn.Close()
				stop()
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	return func() { cancel(); strangers.Wait() }
}

// Those whose event is being handled are not closed for others, nor those who have signed what they send.
func TestWhoHasSignedKeepsHisPlace(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(0, 3*time.Second, &runs)}, callback.Options{SignKeys: []string{testSignKey}})
		dial := serveInBubble(t, c, callback.ServerOptions{})
		end := unix(time.Now().Add(time.Minute))
		held, slow := dial(), dial()
		defer held.Close()
		defer slow.Close()
		body, long := signed(uploaded("1"), testSignKey, end), signed(large("2", 100), testSignKey, end)
		go io.WriteString(held, request(body, len(body)))
		go func() {
			io.WriteString(slow, request(long[:40<<10], len(long)))
			time.Sleep(1500 * time.Millisecond)
			io.WriteString(slow, long[40<<10:])
		}()
		synctest.Wait()
		defer crowd(dial, 5*fewPlaces, "POST")()
		wantEqual(t, "held", status(t, held, bufio.NewReader(held)), http.StatusOK)
		wantEqual(t, "slow", status(t, slow, bufio.NewReader(slow)), http.StatusOK)
	})
}

// Where it is crowded nobody stays who has been answered; elsewhere he may.
func TestConnectionsAreKeptForTheNextRequestUnlessItIsCrowded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(succeed), callback.Options{})
		dial := serveInBubble(t, c, callback.ServerOptions{})
		ask := func() (closes bool) {
			conn := dial()
			defer conn.Close()
			go io.WriteString(conn, "GET / HTTP/1.1\r\nHost: r\r\n\r\n")
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			return response.Close
		}
		wantEqual(t, "closed when alone", ask(), false)
		over := crowd(dial, fewPlaces/2+1, "")
		synctest.Wait()
		wantEqual(t, "closed where it is crowded", ask(), true)
		over()
	})
}
