// Package front is how clients reach an emulator of package vodtest: it serves http and https on one port, and is a proxy for
// clients that know VOD only by its own host names. It never dials: what is not the emulator's is refused.
//
//	authority, err := front.NewAuthority()
//	handler := console.Handler(emulator, console.Options{Authority: authority.PEM()})
//	server := &front.Server{Handler: handler, Vendor: emulator, Authority: authority}
//	err = server.Serve(listener)
//
// A client in Go trusts the authority and calls VOD's own host by the proxy:
//
//	roots := x509.NewCertPool()
//	roots.AppendCertsFromPEM(authority.PEM())
//	transport := &http.Transport{Proxy: http.ProxyURL(address), TLSClientConfig: &tls.Config{RootCAs: roots}}
package front

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// A Server serves an emulator on a listener. Its fields must not change once it serves.
type Server struct {
	// Handler serves what is asked for at the listener's own addresses and names, by http and https. Usually it is a
	// console.Handler.
	Handler http.Handler

	// Vendor serves what is asked for, by https, at the hosts of VOD's API and storage. It is the emulator itself.
	Vendor http.Handler

	// Authority signs the certificates for https. Without one there is http alone, and no proxy.
	Authority *Authority

	// OnError, if not nil, is told why a client cannot connect: [ErrUntrusted], [ErrEnded], [ErrForeign], [ErrNoProxy] or
	// [ErrHandshake]. It is called by many connections at once, and must not block.
	OnError func(error)

	server http.Server
	proxy  bool
}

// Serve serves until Close, and then returns [http.ErrServerClosed]. It may be called once. With an Authority the server is also
// a proxy, if the listener's address is a loopback one: it takes CONNECT to port 443 of VOD's API and storage.
func (s *Server) Serve(listener net.Listener) error {
	address, ok := listener.Addr().(*net.TCPAddr)
	s.proxy = ok && address.IP.IsLoopback() && s.Authority != nil
	s.server.Handler = http.HandlerFunc(s.route)
	s.server.ReadHeaderTimeout = 10 * time.Second // CONNECT and the handshake are in it
	s.server.IdleTimeout = stall
	s.server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	return s.server.Serve(splitting{listener, s})
}

// Close closes the listener and all connections.
func (s *Server) Close() error { return s.server.Close() }

type connKey struct{}

// route hands a request to whom its connection belongs to.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	c, _ := r.Context().Value(connKey{}).(*conn)
	r.TLS = c.state()
	if r.Body != http.NoBody {
		r.Body = body{r.Body, http.NewResponseController(w)}
	}
	switch {
	case r.Method == http.MethodConnect || r.URL.Host != "":
		s.refuse(w, r)
	case c.name != "" && weburl.Host(r.Host) != c.name:
		w.Header().Set("Connection", "close")
		http.Error(w, fmt.Sprintf("This connection was made to %s; the request's Host is another.", c.name),
			http.StatusMisdirectedRequest)
	case isVendor(c.name):
		s.Vendor.ServeHTTP(w, r)
	default:
		s.Handler.ServeHTTP(w, r)
	}
}
