package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// What others write goes through one logger, that of all, so this test runs alone.
func TestWhatLibrariesWriteIsALineOfTheLogAndNoMoreThanThat(t *testing.T) {
	defer takeForeign(zerolog.Nop())
	var out bytes.Buffer
	takeForeign(zerolog.New(&out))
	for range 1000 {
		log.Println("a stranger's bytes: \x1b[2J\n{\"level\":\"error\"}\x00\xff", strings.Repeat("é", 4096))
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	wantEqual(t, "lines of 1,000", len(lines), 10)
	for _, text := range lines {
		var line struct {
			Level, Message, Text string
			Bytes                int
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		wantEqual(t, "message", line.Level+" "+line.Message, "warn a library says")
		wantEqual(t, "bytes", line.Bytes, 8238)
		if len(line.Text) > maxForeign+10 || !strings.HasPrefix(line.Text, `a stranger's bytes: [2J {"level":"error"} `) {
			t.Errorf("%d bytes: %q", len(line.Text), line.Text)
		}
	}
}

// An answer that comes before it was asked for is something that net/http has to say.
func TestAStrangersBytesDoNotStandInTheLogAsTheyCame(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = request.Body.Read(make([]byte, 1<<20))
					fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n%s", strings.Repeat("\x00\x1b[2J", 1000))
				}
			}()
		}
	}()
	p := newChild(t, fmt.Sprintf(`
vod: {endpoint: "${ENDPOINT}"}
handlers: [{name: hook, webhook: {url: "http://%s"}}]
`, listener.Addr()), "run")
	var out bytes.Buffer
	p.cmd.Stderr = &out
	for range 30 {
		p.emulator.Upload(0, "a.mp4")
	}
	p.start()
	p.awaitConfirmed(30)
	p.signal()
	wantEqual(t, "exit code", p.code(), exitOK)
	said := 0
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) || len(line) > 500 {
			t.Errorf("%d bytes: %.200q", len(line), line)
		}
		if strings.Contains(line, "Unsolicited response") {
			said++
		}
	}
	if said < 1 || said > 11 {
		t.Errorf("%d lines about it:\n%s", said, &out)
	}
}
