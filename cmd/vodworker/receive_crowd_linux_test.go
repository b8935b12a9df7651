package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var crowdSize = flag.Int("crowd", 0, "how many strangers of each kind crowd the receiver; 0: some of all kinds, around a receiver with few files")

const (
	smallCrowd  = 450
	smallFiles  = 600 // of the receiver, half of which are places
	crowdRounds = 3   // of four honest callbacks
	crowdMemory = 320 << 20
)

// still are strangers who say this, and then nothing more, and open anew as soon as they are closed.
var still = []struct{ name, say string }{
	{"silent", ""},
	{"half a header", "POST / HTTP/1.1\r\nHost: r\r\nContent-Le"},
	{"POST and nothing", "POST / HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n"},
	{"GET and nothing", "GET / HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n"},
	{"HEAD and nothing", "HEAD / HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n"},
	{"PUT and nothing", "PUT / HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n"},
	{"POST elsewhere", "POST /else HTTP/1.1\r\nHost: r\r\nContent-Length: 1\r\n\r\n"},
	{"no chunk", "POST / HTTP/1.1\r\nHost: r\r\nTransfer-Encoding: chunked\r\n\r\n"},
	{"half a large body", post(60<<10) + `{"EventType":"NewFileUpload","A":"` + strings.Repeat("x", 45<<10)},
	{"little of a larger one", post(1<<20) + `{"EventType":"NewFileUpload","A":"` + strings.Repeat("x", 33<<10)},
	{"a wrong signature", post(60<<10) + signedUpload("evil", "other", time.Minute)[:100]},
	{"idle", "GET / HTTP/1.1\r\nHost: r\r\n\r\n"},
	{"trickled header", trickled + post(1)},
	{"trickled body", post(60<<10) + trickled + strings.Repeat(" ", 60<<10)},
}

const trickled = "\x00" // what is behind it comes slowly

// Strangers who stand still, and come again as soon as they are closed: each honest callback, small and large, is answered at
// its first try.
func TestACrowdLetsEachHonestCallbackThrough(t *testing.T) {
	if *crowdSize == 0 {
		t.Parallel()
		crowdAround(t, smallCrowd, smallFiles, func(i int) string { return still[i%len(still)].say })
		return
	}
	for _, kind := range still {
		t.Run(kind.name, func(t *testing.T) { crowdAround(t, *crowdSize, 0, func(int) string { return kind.say }) })
	}
}

// crowdAround has n strangers around a receiver that may open so many files; 0: as many as we.
func crowdAround(t *testing.T, n, files int, say func(i int) string) {
	t.Helper()
	needFiles(t, n+200)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer hook.Close()
	p := startReceiver(t, hook.URL, files)
	ctx, cancel := context.WithCancel(t.Context())
	var strangers, begun sync.WaitGroup
	var opened atomic.Int64
	for i := range n {
		begun.Add(1)
		strangers.Go(func() {
			first := sync.OnceFunc(begun.Done)
			for ctx.Err() == nil {
				standStill(ctx, p.address, say(i), first)
				opened.Add(1)
			}
			first()
		})
	}
	begun.Wait()

	honest, late, slowest := 0, 0, time.Duration(0)
	post := func(body string) (tries int) {
		honest++
		began := time.Now()
		tries = postSigned(t, p.address, body)
		slowest = max(slowest, time.Since(began))
		return tries
	}
	for range crowdRounds * (1 + *crowdSize/2000) {
		for _, size := range []int{0, 40 << 10, 1 << 20} {
			body := signedUpload(fmt.Sprint("honest-", honest), floodKey, 10*time.Minute)
			if tries := post(body[:len(body)-1] + `,"A":"` + strings.Repeat("x", size) + `"}`); tries != 1 {
				t.Errorf("%d bytes: %d tries", size, tries)
			}
		}
		// Before its signature comes, a large one can't be told from a stranger's.
		if tries := post(signedUpload(fmt.Sprint("honest-", honest, strings.Repeat("x", 40<<10)), floodKey, 10*time.Minute)); tries > 1 {
			late++
		}
	}
	peak := p.peak(t)
	cancel()
	strangers.Wait()
	t.Logf("%d strangers, %d connections: %d honest callbacks, %d large ones signed at the end tried again, slowest %v, peak %d MiB",
		n, opened.Load(), honest, late, slowest.Round(time.Millisecond), peak>>20)
	if peak > crowdMemory && !underRaceDetector() {
		t.Errorf("it took %d MiB", peak>>20)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if lines := strings.Count(p.log.String(), "\n"); lines > 200 || !strings.Contains(p.log.String(), fmt.Sprintf(`"handled":%d`, honest)) {
		t.Errorf("%d lines of log, the last ones: %s", lines, p.log.String()[max(0, p.log.Len()-600):])
	}
}

// standStill says something on one connection, and stays until it is closed.
func standStill(ctx context.Context, address, say string, opened func()) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	fast, slow, _ := strings.Cut(say, trickled)
	_, _ = io.WriteString(conn, fast)
	opened()
	if slow != "" {
		go func() {
			for i := 0; i < len(slow) && passes(ctx, 200*time.Millisecond); i++ {
				if _, err := io.WriteString(conn, slow[i:i+1]); err != nil {
					return
				}
			}
		}()
	}
	_, _ = io.Copy(io.Discard, conn)
}

// needFiles skips the test where no process may have so many files open.
func needFiles(t *testing.T, n int) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur >= uint64(n) {
		return
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Max < uint64(n) {
		t.Skipf("%d open files are needed, and %d allowed (%v): see ulimit -n", n, limit.Max, err)
	}
}
