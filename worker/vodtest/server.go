package vodtest

import (
	"context"
	"net"
	"net/http"
	"time"
)

// TB is what [NewServer] needs of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	Fatal(args ...any)
}

// A Server is an [Emulator] that listens on a port of its own.
type Server struct {
	*Emulator
	URL string // http://127.0.0.1:PORT; an SDK's Endpoint is what follows http://
}

// NewServer starts an emulator on a free port of the loopback interface. It is closed when the test ends.
func NewServer(tb TB, cfg Config) *Server {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal("vodtest: ", err)
	}
	e := New(cfg)
	server := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // it returns when the server is closed
	}()
	tb.Cleanup(func() {
		e.Close()
		// Every call has ended or is about to, so this waits only for connections that were never used.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
		_ = server.Close()
		<-served
	})
	return &Server{Emulator: e, URL: "http://" + listener.Addr().String()}
}
