//go:build unix

package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What everybody can send ends no receiver.
func (p *pageReceiver) survivesStrangers(t *testing.T) {
	get, err := http.NewRequest(http.MethodGet, "http://"+p.address, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "GET: answer", p.status(get), http.StatusMethodNotAllowed)
	large := signedPost{id: "Large", body: strings.Repeat(" ", 8<<20+1), sent: time.Now()}
	large.signature = signatureOf(t, large, newSecret)
	if got := p.answer(t, large); got != http.StatusRequestEntityTooLarge && got != 0 { // 0: it did not read to the end
		t.Errorf("too large: answer %d", got)
	}
	for _, half := range []string{"POST / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"} {
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, half)
		_ = conn.Close()
	}
	wantEqual(t, "afterwards: answer", p.answer(t, signed(t, "Afterwards", newSecret, time.Now())), http.StatusNoContent)
}

// An id is remembered only with its work.
func (p *pageReceiver) forgetsWhatFailed(t *testing.T) {
	broken := signedPost{id: "Failed", body: "no JSON", sent: time.Now()}
	broken.signature = signatureOf(t, broken, newSecret)
	wantEqual(t, "failed: answer", p.answer(t, broken), http.StatusInternalServerError)
	wantEqual(t, "then: answer", p.answer(t, signed(t, "Failed", newSecret, time.Now())), http.StatusNoContent)
	p.wantHandled(t, `Failed`, 1)
}

// A proxy may send a body on in chunks, without its length. Whoever can't read those must not refuse the event for good.
func (p *pageReceiver) takesChunks(t *testing.T, file string) {
	post := signed(t, "InChunks", newSecret, time.Now())
	post.chunked = true
	want := http.StatusNoContent
	if file == "receiver.py" { // its small server can't
		want = http.StatusLengthRequired
	}
	wantEqual(t, "answer", p.answer(t, post), want)
}
