package forward

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

// stubbed returns a Stub for a handler, at a path of its server.
func stubbed(t *testing.T, path string, handle http.HandlerFunc) *Stub {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	s, err := To(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// forward hands on a request as the emulator's server reads it.
func forward(t *testing.T, s *Stub, request string, body string) (*serve.Answer, error) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
	if err != nil {
		t.Fatal(err)
	}
	return s.Forward(t.Context(), r, []byte(body), "DescribeNothing")
}

// said fails unless an error is one to be answered, and says this.
func said(t *testing.T, err error, want ...string) {
	t.Helper()
	var refused *api.Error
	if !errors.As(err, &refused) || refused.Code != "InternalError" {
		t.Fatalf("the error is %v", err)
	}
	for _, part := range append(want, "--forward", `"DescribeNothing"`) {
		if !strings.Contains(refused.Message, part) {
			t.Errorf("the error is %v, without %s", err, part)
		}
	}
}

// A seen is a request that came to a stub.
type seen struct {
	method, target, host, body string
	header                     http.Header
}

func (s *seen) handle(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	*s = seen{r.Method, r.RequestURI, r.Host, string(body), r.Header}
}

func TestARequestIsHandedOnAsItIsButForWhoseItIs(t *testing.T) {
	var got seen
	s := stubbed(t, "/a%2Fb/vod", got.handle)
	if _, err := forward(t, s, `POST /?x=1&Token=2&y=%20;+ HTTP/1.1
Host: vod.tencentcloudapi.com
Content-Type: application/json; charset=utf-8
Content-Length: 999
Authorization: TC3-HMAC-SHA256 Credential=AKID/2026-03-02/vod/tc3_request, SignedHeaders=host, Signature=ff
X-TC-Token: hunter2
Cookie: hunter2
Proxy-Authorization: hunter2
X-TC-Action: DescribeNothing
X-TC-Timestamp: 1772438400
X-TC-Language: en-US
X-Mine: 1
X-Mine: 2
X-Hop: hunter2
Connection: keep-alive, X-Hop
Connection: Upgrade
Keep-Alive: timeout=5
Upgrade: websocket
TE: trailers
Accept-Encoding: gzip
Expect: 100-continue
User-Agent: app/1

`, `{"FileId":"a&Signature=b"}`); err != nil {
		t.Fatal(err)
	}
	want := seen{"POST", "/a%2Fb/vod?x=1&Token=2&y=%20;+", s.url.Host, `{"FileId":"a&Signature=b"}`, http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, "X-Tc-Action": {"DescribeNothing"}, "X-Tc-Timestamp": {"1772438400"},
		"X-Tc-Language": {"en-US"}, "X-Mine": {"1", "2"}, "User-Agent": {"app/1"}, "Content-Length": {"26"}, "Connection": {"close"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the stub saw\n%+v, want\n%+v", got, want)
	}
}

func TestTheKeysOfARequestInTheWayOfVersion1AreTakenOff(t *testing.T) {
	var got seen
	s := stubbed(t, "", got.handle)
	const given = "Signature=a%3D&Action=DescribeNothing&SecretId=AKID&b=%26c&Sig%6Eature=d&Token=e&Token&Signature2=f&Nonce=1"
	const want = "Action=DescribeNothing&b=%26c&Signature2=f&Nonce=1"
	if _, err := forward(t, s, "GET /?"+given+" HTTP/1.1\nHost: x\n\n", ""); err != nil {
		t.Fatal(err)
	}
	if got.method != "GET" || got.target != "/?"+want || got.body != "" {
		t.Errorf("of a GET the stub saw %+v", got)
	}
	if _, err := forward(t, s, "POST / HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\n\n", given); err != nil {
		t.Fatal(err)
	}
	if got.method != "POST" || got.target != "/" || got.body != want || got.header.Get("Content-Length") != fmt.Sprint(len(want)) {
		t.Errorf("of a POST the stub saw %+v", got)
	}
	if _, named := got.header["User-Agent"]; named {
		t.Errorf("the stub saw a User-Agent that the client has not sent: %v", got.header)
	}
}

func TestWhatGoesWrongIsSaidWithoutWhatIsSecret(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	s, err := To(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	server.Close() // nobody listens there
	_, err = forward(t, s, "GET /?Secret=hunter2 HTTP/1.1\nHost: x\n\n", "")
	if said(t, err, s.url.Host, "connection refused"); strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error is %v", err)
	}

	s = stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half of it")
	})
	_, err = forward(t, s, "GET /?Secret=hunter2 HTTP/1.1\nHost: x\n\n", "")
	said(t, err, s.url.Host, "unexpected EOF")

	s = stubbed(t, "/", func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := http.NewResponseController(w).Hijack()
		io.WriteString(conn, strings.Repeat("x", 8000)+"\r\n\r\n")
		conn.Close()
	})
	_, err = forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", "")
	if said(t, err, s.url.Host, "malformed"); len(err.Error()) > 500 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}

func TestNoProxyOfTheEnvironmentsIsAsked(t *testing.T) {
	s, err := To("http://stub.example")
	if err != nil {
		t.Fatal(err)
	}
	if s.transport.Proxy != nil { // the environment is read once in a process, so that a test cannot set one
		t.Error("a proxy may be asked")
	}
}

func TestAnAnswerThatTakesTooLongIsNone(t *testing.T) {
	const half = patience / 2
	for name, c := range map[string]struct {
		head, tail time.Duration // before the header, and before the end
		want       string
	}{
		"in time":   {half, half - 1, ""},
		"no header": {patience + 1, 0, "there was no whole answer within 10s"},
		"no end":    {half, half + 1, "there was no whole answer within 10s"},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(c.head)
				http.NewResponseController(w).Flush()
				time.Sleep(c.tail)
				io.WriteString(w, "{}")
			}, func(t *testing.T, s *Stub) {
				began := time.Now()
				got, err := forward(t, s, "GET / HTTP/1.1\nHost: x\n\n", "")
				if c.want == "" {
					if err != nil || string(got.Body) != "{}" {
						t.Errorf("the answer is %+v, %v", got, err)
					}
					return
				}
				if said(t, err, "stub.example", c.want); time.Since(began) != patience {
					t.Errorf("it took %v", time.Since(began))
				}
			})
		})
	}
}

func TestNobodyWaitsForAStubWhenTheClientIsGone(t *testing.T) {
	inMemory(t, func(w http.ResponseWriter, r *http.Request) { time.Sleep(time.Hour) }, func(t *testing.T, s *Stub) {
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		began := time.Now()
		_, err := s.Forward(ctx, httptest.NewRequest("GET", "/", nil), nil, "DescribeNothing")
		if said(t, err, "stub.example", "context deadline exceeded"); time.Since(began) != time.Second {
			t.Errorf("it took %v", time.Since(began))
		}
	})
}

// inMemory calls a function, in a bubble, with a Stub for a handler.
func inMemory(t *testing.T, handle http.HandlerFunc, f func(*testing.T, *Stub)) {
	synctest.Test(t, func(t *testing.T) {
		listener := pipe.Listen()
		server := &http.Server{Handler: handle}
		go server.Serve(listener)
		defer server.Shutdown(context.Background()) // when the handler is through
		s, err := To("http://stub.example")
		if err != nil {
			t.Fatal(err)
		}
		s.transport.DialContext = listener.Dial
		f(t, s)
	})
}
