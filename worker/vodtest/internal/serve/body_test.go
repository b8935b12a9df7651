package serve_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
)

var large = strings.Repeat("x", 256<<10)

// stalled returns a body that has been sent up to a size, and how to end it.
func stalled(sent string) (body io.Reader, end func()) {
	rest, writer := io.Pipe()
	return io.MultiReader(strings.NewReader(sent), rest), func() { _ = writer.Close() }
}

func TestFewLargeBodiesAreReadAtATimeAndSmallOnesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies, done := serve.NewBodies(), 0
		read := func(ctx context.Context, body io.Reader) error {
			r := httptest.NewRequest(http.MethodPost, "/", body)
			_, err := bodies.Read(ctx, httptest.NewRecorder(), r)
			return err
		}
		var ends []func()
		for range 8 {
			body, end := stalled(large)
			ends = append(ends, end)
			go func() { _ = read(t.Context(), body) }()
		}
		synctest.Wait()
		go func() {
			if err := read(t.Context(), strings.NewReader(large)); err != nil {
				t.Error(err)
			}
			done++
		}()
		synctest.Wait()
		if done != 0 {
			t.Error("a ninth large body is read")
		}
		if err := read(t.Context(), strings.NewReader(large[1:])); err != nil {
			t.Errorf("a small body: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := read(ctx, strings.NewReader(large)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("when the wait is over: %v", err)
		}
		ends[0]()
		synctest.Wait()
		if done != 1 {
			t.Error("the ninth is not read when another has ended")
		}
		for _, end := range ends[1:] {
			end()
		}
	})
}

func TestAWaitForItsTurnEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := serve.NewBodies()
		for range 8 {
			body, end := stalled(large)
			defer end()
			go func() {
				_, _ = bodies.Read(t.Context(), httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", body))
			}()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(large))
		if _, err := bodies.Read(t.Context(), httptest.NewRecorder(), r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
	})
}

// What one client does not send must not keep others from their turn. Afterwards the connection has no deadline any more.
func TestALargeBodyThatStallsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := serve.NewBodies()
		errs := make(chan error, 1)
		transport := pipe.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := bodies.Read(t.Context(), w, r)
			errs <- err
			select {
			case <-r.Context().Done(): // as at a deadline of the connection
				serve.Break()
			case <-time.After(time.Hour):
			}
		}))
		post := func(body io.Reader) (int, error) {
			r := httptest.NewRequest(http.MethodPost, "http://emulator/", body)
			r.RequestURI = ""
			response, err := transport.RoundTrip(r)
			if err != nil {
				return 0, err
			}
			return response.StatusCode, response.Body.Close()
		}
		start := time.Now()
		body, end := stalled(large)
		go func() { _, _ = post(body) }()
		if err := <-errs; err == nil || time.Since(start) != 30*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		end()
		if status, err := post(strings.NewReader(large)); <-errs != nil || err != nil || status != http.StatusOK {
			t.Errorf("one that is sent is answered %d, %v", status, err)
		}
	})
}

// trickle is a body that goes on for ever, a byte a second.
type trickle struct{}

func (trickle) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return copy(p[:1], "x"), nil
}

func TestALargeBodyThatTricklesIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(large), trickle{}))
		began := time.Now()
		_, err := serve.NewBodies().Read(t.Context(), httptest.NewRecorder(), r)
		if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || took != 30*time.Second {
			t.Errorf("after %v it ends with %v", took, err)
		}
	})
}
