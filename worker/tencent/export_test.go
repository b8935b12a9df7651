package tencent

import (
	"context"
	"net"
)

// Direct is what a CVM's metadata service is asked by.
var Direct = direct

// DialWith makes a Source connect by dial.
func DialWith(s *Source, dial func(context.Context, string, string) (net.Conn, error)) {
	s.transport.base.DialContext = dial
}
