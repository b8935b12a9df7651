package callback_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/callback"
)

// large is an event of some KiB, and signs what of it is signed: its beginning or its end.
func large(file string, kib int) string {
	return fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":%q,"A":"%s"}}`, file, strings.Repeat("x", kib<<10))
}

func signedAtEnd(body, key, t string) string {
	head := strings.TrimSuffix(signed(`{"A":0}`, key, t), `"A":0}`)
	return strings.TrimSuffix(body, "}") + "," + strings.TrimSuffix(head[1:], ",") + "}"
}

// postOn posts a whole body on a connection, however slowly it is read, and returns the status.
func postOn(t *testing.T, conn net.Conn, body string) int {
	defer conn.Close()
	go io.WriteString(conn, request(body, len(body)))
	return status(t, conn, bufio.NewReader(conn))
}

// standStill has n strangers send the beginning of a body of length bytes, and then nothing; again, when they are closed.
func standStill(t *testing.T, dial func() net.Conn, n int, beginning string, length int) (end func()) {
	done := make(chan struct{})
	var strangers sync.WaitGroup
	for range n {
		conn := dial()
		strangers.Go(func() {
			for {
				io.WriteString(conn, request(beginning, length))
				_, _ = io.Copy(io.Discard, conn)
				conn.Close()
				select {
				case <-done:
					return
				default:
					conn = dial()
				}
			}
		})
	}
	synctest.Wait()
	return func() { close(done); strangers.Wait() }
}

// Whoever stops early waits; those who come on don't wait for him, wherever in their bodies they have signed.
func TestLargeBodiesDoNotWaitForThoseThatStandStill(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		end := unix(time.Now().Add(10 * time.Minute))
		for name, test := range map[string]struct {
			keys []string
			body func(body string) string
			most time.Duration
		}{
			"signed at the beginning": {[]string{testSignKey}, func(b string) string { return signed(b, testSignKey, end) }, 0},
			"signed at the end":       {[]string{testSignKey}, func(b string) string { return signedAtEnd(b, testSignKey, end) }, time.Second},
			"without keys":            {nil, func(b string) string { return b }, time.Second},
		} {
			var runs counter
			c := newCaller(t, []worker.Handler{failing(0, 0, &runs)}, callback.Options{SignKeys: test.keys})
			dial := served(t, c, 10*time.Second)
			over := standStill(t, dial, 500, large("evil", 45)[:40<<10], 60<<10)
			for i, kib := range []int{40, 1000} {
				began := time.Now()
				wantEqual(t, name, postOn(t, dial(), test.body(large(fmt.Sprint(name, i), kib))), http.StatusOK)
				if took := time.Since(began); took > test.most {
					t.Errorf("%s: %d KiB took %v", name, kib, took)
				}
			}
			over()
			wantEqual(t, "events", len(runs.all()), 2)
		}
	})
}

// Those who all come on share what room there is, and none is turned away for it.
func TestManyLargeBodiesAtOnceAllComeIn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var runs counter
		c := newCaller(t, []worker.Handler{failing(0, 0, &runs)}, callback.Options{})
		dial := served(t, c, 10*time.Second)
		var posts sync.WaitGroup
		goOn := make(chan struct{})
		for i := range 60 {
			conn := dial()
			defer conn.Close()
			body := large(fmt.Sprint(i), 1000)
			go func() {
				io.WriteString(conn, request(body[:500<<10], len(body)))
				<-goOn // all of them have as much as they get
				io.WriteString(conn, body[500<<10:])
			}()
			posts.Go(func() { wantEqual(t, "status", status(t, conn, bufio.NewReader(conn)), http.StatusOK) })
		}
		synctest.Wait()
		close(goOn)
		posts.Wait()
		wantEqual(t, "events", len(runs.all()), 60)
	})
}

// What is signed with another key, or is no event, is not read to its end.
func TestALargeBodyIsJudgedByItsBeginning(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(succeed), callback.Options{SignKeys: []string{testSignKey}})
		dial := served(t, c, 10*time.Second)
		now := time.Now()
		for body, want := range map[string]int{
			signed(large("1", 1000), "other", unix(now.Add(time.Minute))):      http.StatusForbidden,
			signed(large("1", 1000), testSignKey, unix(now.Add(-time.Minute))): http.StatusForbidden,
			strings.Repeat("x", 1<<20):                                         http.StatusBadRequest,
			"  [" + strings.Repeat("0,", 1<<19):                                http.StatusBadRequest,
		} {
			conn := dial()
			go io.WriteString(conn, request(body[:33<<10], len(body)))
			wantEqual(t, body[:60], status(t, conn, bufio.NewReader(conn)), want)
			conn.Close()
		}
		c.at(0)
	})
}

// An event that is too large is not kept, but it is said which it was; whose it is decides what it counts as.
func TestAnEventThatIsTooLargeIsNamed(t *testing.T) {
	inBubble(t, testTooLarge)
}

func testTooLarge(t *testing.T) {
	end := unix(time.Now().Add(10 * time.Minute))
	huge := fmt.Sprintf(`{"EventType":"ProcedureStateChanged","ProcedureStateChangeEvent":{"TaskId":"task-7","FileId":"\u001b[2Jfile-7","A":"%s"}}`,
		strings.Repeat("x", callback.MaxBody))
	for name, test := range map[string]struct {
		keys []string
		body string
		lost int
	}{
		"signed at the beginning": {[]string{testSignKey}, signed(huge, testSignKey, end), 1},
		"signed at the end":       {[]string{"other", testSignKey}, signedAtEnd(huge, testSignKey, end), 1},
		"without keys":            {nil, huge, 1},
		"not signed":              {[]string{testSignKey}, huge, 0},
		"signed by somebody else": {[]string{testSignKey}, signedAtEnd(huge, "other", end), 0},
	} {
		for _, chunked := range []bool{false, true} {
			var runs counter
			c := newCaller(t, []worker.Handler{failing(0, 0, &runs)}, callback.Options{SignKeys: test.keys})
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://receiver/", strings.NewReader(test.body))
			if chunked {
				r.ContentLength = -1
			}
			wantEqual(t, name, c.serve(&recorder{}, r), http.StatusRequestEntityTooLarge)
			wantEqual(t, name+": lost", c.Status().Lost, test.lost)
			wantEqual(t, name+": told", len(c.lost()), test.lost)
			wantEqual(t, name+": invalid", c.Status().Invalid, 1-test.lost)
			for _, letter := range c.lost() {
				wantEqual(t, name+": type", letter.Event.Type, events.ProcedureStateChanged)
			}
			c.wantLog("event lost", test.lost)
			c.wantLog(`"type":"ProcedureStateChanged"`, 1)
			c.wantLog(`"file":"[2Jfile-7"`, 1)
			c.wantLog(`"task":"task-7"`, 1)
			wantEqual(t, name+": runs", len(runs.all()), 0)
			c.stop()
		}
	}
}

// Without a key a stranger can have as many of them lost as he likes.
func TestStrangersCannotFillTheLogWithLostEvents(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := newCaller(t, handler(succeed), callback.Options{})
		huge := large("1", callback.MaxBody>>10)
		for range 100 {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://receiver/", strings.NewReader(huge))
			wantEqual(t, "status", c.serve(&recorder{}, r), http.StatusRequestEntityTooLarge)
		}
		wantEqual(t, "lost", c.Status().Lost, 100)
		if lines := strings.Count(c.log.String(), "event lost"); lines > 20 {
			t.Errorf("%d lines", lines)
		}
		c.stop()
	})
}
