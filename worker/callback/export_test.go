package callback

import (
	"crypto/tls"
	"net"
)

// AtPath serves one path.
var AtPath = atPath

// LimitListener returns a listener with a limit, and how many connections count as open.
func LimitListener(listener net.Listener, most int) (limited net.Listener, open func() int) {
	l := newLimitedListener(listener, most)
	return l, func() int { return len(l.open) }
}

// TLSConfig is what a server with these options shows those who connect.
func (o ServerOptions) TLSConfig() (*tls.Config, error) {
	certificates, err := o.certificates()
	if err != nil {
		return nil, err
	}
	return certificates.config(), nil
}

// BreakListener has Run find that nobody can connect any more.
func (s *Server) BreakListener() { s.listener.Close() }
