package front

import (
	"io"
	"net/http"
	"time"
)

// stall is how long a client may send nothing of a body that it has begun, and keep a connection without a request.
const stall = 2 * time.Minute

// A body has no time limit, since an upload may be large and slow, but that something must come all the time.
type body struct {
	io.ReadCloser
	conn *http.ResponseController
}

func (b body) Read(p []byte) (int, error) {
	_ = b.conn.SetReadDeadline(time.Now().Add(stall)) // of a connection that is none it is of no use
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.conn.SetReadDeadline(time.Time{}) // a call may be held for longer
	}
	return n, err
}
