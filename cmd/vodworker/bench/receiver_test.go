package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
)

// receive serves a receiver of posts until it is told to end.
func receive(struct{}) error {
	var posts atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /posts", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(posts.Load()) })
	mux.HandleFunc("POST /vod", func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // whoever posted is gone
		}
		posts.Add(1)
	})
	mux.HandleFunc("POST /mixed", func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); bytes.Contains(body, []byte(broken)) {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	serve(mux)
	return nil
}

// A receiver in a process of its own.
type receiver struct{ server }

func startReceiver(tb testing.TB) receiver {
	tb.Helper()
	return receiver{startServer(tb, "receiver", struct{}{})}
}

func (r receiver) posts(tb testing.TB) (n int) {
	tb.Helper()
	if err := r.get("/posts", &n); err != nil {
		tb.Fatalf("ask the receiver what it has got: %v", err)
	}
	return n
}
