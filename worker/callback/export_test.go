package callback

import (
	"crypto/tls"
	"net"
)

// AtPath serves one path.
var AtPath = atPath

// MaxBody is what an event may have.
const MaxBody = maxBody

// ServeOn is Listen, on a listener that is there, with most places instead of 3,072.
func ServeOn(receiver *Receiver, listener net.Listener, most int, opts ServerOptions) *Server {
	opts.Listen = "here"
	opts, err := opts.withDefaults()
	if err != nil {
		panic(err)
	}
	renewed, err := opts.certificate()
	if err != nil {
		panic(err)
	}
	return newServer(receiver, listener, most, opts, renewed)
}

// TLSConfig is what a server with these options shows those who connect.
func (o ServerOptions) TLSConfig() (*tls.Config, error) {
	renewed, err := o.certificate()
	if err != nil {
		return nil, err
	}
	return tlsConfig(renewed), nil
}

// BreakListener has Run find that nobody can connect any more.
func (s *Server) BreakListener() { s.listener.Close() }
