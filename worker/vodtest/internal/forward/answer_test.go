package forward

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"testing"
)

func TestTheAnswerIsTheStubs(t *testing.T) {
	for _, status := range []int{200, 204, 400, 503} {
		content := map[bool]string{true: "", false: `{"Response":{}}`}[status == 204]
		s := stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.mine+json")
			w.Header().Set("Set-Cookie", "a=b")
			w.WriteHeader(status)
			io.WriteString(w, content)
		})
		got, err := forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", "")
		if err != nil || got.Status != status || got.ContentType != "application/vnd.mine+json" || string(got.Body) != content {
			t.Errorf("%d: the answer is %+v, %v", status, got, err)
		}
	}
}

func TestAnAnswerHasSomeSizeAtMost(t *testing.T) {
	for _, size := range []int{mostAnswer, mostAnswer + 1} {
		s := stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, size)) })
		got, err := forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", "")
		if size > mostAnswer {
			said(t, err, s.url.Host, "more than 10 MiB")
		} else if err != nil || len(got.Body) != size {
			t.Errorf("an answer of %d bytes: %v", size, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		var asked int
		s := stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		_, err := forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", "")
		if said(t, err, s.url.Host, fmt.Sprint(status)); asked != 1 {
			t.Errorf("the stub was asked %d times", asked)
		}
	}
}

func TestACompressedAnswerIsNotTakenForAnother(t *testing.T) {
	s := stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, "{}")
		zip.Close()
	})
	_, err := forward(t, s, "GET / HTTP/1.1\nHost: x\nAccept-Encoding: gzip\n\n", "")
	said(t, err, s.url.Host, "Content-Encoding")
}

func TestAnAnswerThatIsEncodedAsItselfIsTaken(t *testing.T) {
	s := stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "identity")
		io.WriteString(w, "{}")
	})
	if got, err := forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", ""); err != nil || string(got.Body) != "{}" {
		t.Errorf("the answer is %+v, %v", got, err)
	}
}

func TestWhatComesBeforeTheAnswerIsNone(t *testing.T) {
	s := stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "{}")
	})
	if got, err := forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", ""); err != nil || got.Status != 200 || string(got.Body) != "{}" {
		t.Errorf("the answer is %+v, %v", got, err)
	}

	s = stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := http.NewResponseController(w).Hijack()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		conn.Close()
	})
	_, err := forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", "")
	said(t, err, s.url.Host, "101")
}
