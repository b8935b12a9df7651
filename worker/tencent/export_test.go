package tencent

import (
	"context"
	"net"
)

// DialWith makes a Source connect by dial.
func DialWith(s *Source, dial func(context.Context, string, string) (net.Conn, error)) {
	s.transport.base.DialContext = dial
}
