package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A server is a process that others talk to.
type server struct {
	*process
	url string
}

func startServer(tb testing.TB, role string, options any) server {
	tb.Helper()
	p := start(tb, role, as(role, options))
	return server{p, p.line(tb)}
}

// serve prints its address, and serves until it is told to end.
func serve(handler http.Handler) {
	ctx, cancel := untilStopped()
	defer cancel()
	listening := httptest.NewServer(handler)
	fmt.Println(listening.URL)
	<-ctx.Done()
}

// get asks a server for JSON.
func (s server) get(path string, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	return json.NewDecoder(answer.Body).Decode(into)
}
