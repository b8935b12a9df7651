package tencent

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// Direct is what a CVM's metadata service is asked by.
var Direct = direct

// RoleTransport is what STS is asked by.
func RoleTransport(t *testing.T) *http.Transport {
	transport, err := newTransport("")
	if err != nil {
		t.Fatal(err)
	}
	return transport.base
}

// DialWith makes a Source connect by dial.
func DialWith(s *Source, dial func(context.Context, string, string) (net.Conn, error)) {
	s.transport.base.DialContext = dial
}

// Debug makes the SDK log all that it can.
func Debug(s *Source) { s.client.WithDebug(true) }
