package vodtest

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallbacksAreSignedWithTheSignKey(t *testing.T) {
	for _, test := range []struct {
		name    string
		push    Push
		content string
		want    string // with %s for the signature and %d for its end
	}{
		{"by default", Push{}, `{"EventType":"A"}`, `{"EventType":"A","Sign":"%s","T":%d}`},
		{"an empty event", Push{}, `{ }`, `{ "Sign":"%s","T":%d}`},
		{"as a string", Push{QuoteT: true}, `{"EventType":"A" }`, `{"EventType":"A" ,"Sign":"%s","T":"%d"}`},
		{"in lower case", Push{LowerCase: true, Validity: -time.Second}, `{"EventType":"A"}`, `{"EventType":"A","sign":"%s","t":%d}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.push.ContentType = "application/x-www-form-urlencoded"
			pushing(t, test.push, "abcDEF123", func(t *testing.T, e *Emulator, h *hook) {
				validity := 10 * time.Minute
				if test.push.Validity != 0 {
					validity = test.push.Validity
				}
				e.SetSkew(7 * time.Second)
				send(t, e, test.content)
				expires := time.Now().Add(7*time.Second + validity).Unix()
				synctest.Wait()
				sum := md5.Sum(fmt.Appendf(nil, "abcDEF123%d", expires))
				want := fmt.Sprintf(test.want, hex.EncodeToString(sum[:]), expires)
				if h.bodies[0] != want || !json.Valid([]byte(want)) {
					t.Errorf("body is %s, want %s", h.bodies[0], want)
				}
				if h.types[0] != "POST application/x-www-form-urlencoded" {
					t.Errorf("type is %s", h.types[0])
				}
			})
		})
	}
}

// The default transport, over sockets: a receiver that redirects is not followed, one that is gone is given up.
func TestCallbacksOverSockets(t *testing.T) {
	tries := make(chan Callback, 1)
	server := NewServer(t, Config{Push: Push{Observe: func(c Callback) { tries <- c }}})
	posted := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posted <- r.URL.Path + " " + string(body)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	if err := server.PushTo(appID, receiver.URL+"/vod", ""); err != nil {
		t.Fatal(err)
	}
	send(t, server.Emulator, `{"EventType":"A"}`)
	if got := <-posted; got != `/vod {"EventType":"A"}` {
		t.Errorf("posted %s", got)
	}
	if try := <-tries; try.Status != http.StatusTemporaryRedirect || try.Err != nil || !try.Last {
		t.Errorf("try is %+v", try)
	}
	receiver.Close()
	send(t, server.Emulator, `{}`)
	if try := <-tries; try.Err == nil || errors.Is(try.Err, context.DeadlineExceeded) || !try.Last {
		t.Errorf("try is %+v", try)
	}
}
