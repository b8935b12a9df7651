package post

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (f roundTrip) post(ctx context.Context, address string) (int, error) {
	return Poster{Transport: f, ContentType: "application/json"}.Post(ctx, address, []byte(`{}`))
}

func TestAnyAnswerIsASuccess(t *testing.T) {
	for _, want := range []int{http.StatusOK, http.StatusTemporaryRedirect, http.StatusNotFound, http.StatusBadGateway} {
		answer := strings.NewReader("no matter what")
		status, err := roundTrip(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			if r.Method != "POST" || r.Header.Get("Content-Type") != "application/json" || string(body) != `{}` {
				t.Errorf("request is %s of %v, %s", r.Method, r.Header, body)
			}
			return &http.Response{StatusCode: want, Body: io.NopCloser(answer)}, nil
		}).post(t.Context(), "http://hook.example.com/vod")
		if status != want || err != nil {
			t.Errorf("status is %d, %v, want %d", status, err, want)
		}
		if answer.Len() != 0 {
			t.Errorf("%d bytes of the answer were not read", answer.Len())
		}
	}
}

func TestOnlyNoAnswerInTimeIsATimeout(t *testing.T) {
	never := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		limited, cancel := context.WithTimeoutCause(t.Context(), time.Second, ErrTimeout)
		defer cancel()
		_, err := never.post(limited, "http://hook.example.com/vod")
		if err != ErrTimeout || !IsTimeout(err) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, leave)
		if _, err := never.post(ctx, "http://hook.example.com/vod"); err != context.Canceled || IsTimeout(err) {
			t.Errorf("cut off: %v", err)
		}
	})
	for _, test := range []struct {
		err  error
		want bool
	}{{errors.New("connection refused"), false}, {timeout{}, true}} {
		broken := roundTrip(func(*http.Request) (*http.Response, error) { return nil, test.err })
		if _, err := broken.post(t.Context(), "http://hook.example.com/vod"); err != test.err || IsTimeout(err) != test.want {
			t.Errorf("%v: error is %v, a timeout: %v", test.err, err, IsTimeout(err))
		}
	}
}

// A timeout is one of the network's own, such as that of a dialer.
type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

func TestAnAddressThatCannotBeCalledIsNotInTheError(t *testing.T) {
	if _, err := roundTrip(nil).post(t.Context(), "http://secret\x00"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error is %v", err)
	}
}
