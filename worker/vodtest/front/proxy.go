package front

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"regexp"

	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

const maxConnect = 8 << 10 // bytes of the header of a CONNECT

var endOfHeader = regexp.MustCompile(`\n\r?\n`) // net/http takes lines without a CR, too

// connect answers a CONNECT to one of VOD's hosts, and returns this. It returns "", with nothing read and nothing answered, if
// the request is anything else: the HTTP server answers that.
func (c *conn) connect() (host string, err error) {
	header, err := c.peekHeader()
	if err != nil {
		return "", err
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(header)))
	if err != nil || r.Method != http.MethodConnect {
		return "", nil
	}
	host, ok := ours(r.RequestURI)
	if !ok {
		return "", nil
	}
	_, _ = c.read.Discard(len(header)) // all of it is there
	if _, err = c.Conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err == nil {
		_, err = c.read.Peek(1) // who leaves now, as a port scan does, says nothing of the authority
	}
	return host, err
}

// ours reads the target of a CONNECT. It is ours if it is port 443 of VOD's API or storage.
func ours(target string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(target)
	host = weburl.Host(host)
	return host, err == nil && port == "443" && isVendor(host)
}

// peekHeader returns a request's header, or as much of it as there is room for.
func (c *conn) peekHeader() ([]byte, error) {
	for n := 1; ; n = c.read.Buffered() + 1 {
		_, err := c.read.Peek(min(n, maxConnect))
		if err != nil {
			return nil, err
		}
		header, _ := c.read.Peek(c.read.Buffered())
		if end := endOfHeader.FindIndex(header); end != nil {
			return header[:end[1]], nil
		}
		if len(header) == maxConnect || !bytes.HasPrefix(header, []byte("CONNECT ")[:min(8, len(header))]) {
			return header, nil
		}
	}
}

// refuse answers what is asked of a proxy, and is not done.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) {
	cause, why := ErrForeign, "It is no proxy for this"
	_, mine := ours(r.RequestURI)
	if r.Method == http.MethodConnect && mine {
		why = "A CONNECT must be the first request of an http connection, with a header of at most 8 KB"
	}
	if r.Method == http.MethodConnect && !s.proxy {
		why = "It is a proxy only if it listens on a loopback address, such as 127.0.0.1"
		if s.Authority == nil {
			why = "It is a proxy only if it is started with an authority (vodworker emulate --tls)"
		}
		if mine {
			cause = ErrNoProxy
		}
	}
	w.Header().Set("Connection", "close")
	http.Error(w, fmt.Sprintf(refusal, why), http.StatusForbidden)
	s.report(fmt.Errorf("%w: %.20s %.100q", cause, r.Method, r.Host))
}

const refusal = `This is an emulator of Tencent Cloud VOD. %s.
As a proxy it takes CONNECT to port 443 of VOD's API (vod.tencentcloudapi.com and so on) and of VOD's storage
(BUCKET.cos.REGION.myqcloud.com), and answers itself. It reaches nobody else.
Name other hosts, and the emulator's own address, in NO_PROXY: NO_PROXY=localhost,127.0.0.1,example.com
`
