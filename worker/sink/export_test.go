package sink

import (
	"context"
	"net"
)

// DialWith makes w connect by dial, so that it can run in a synctest bubble.
func (w *Webhook) DialWith(dial func(ctx context.Context, network, addr string) (net.Conn, error)) {
	w.transport.DialContext = dial
}
