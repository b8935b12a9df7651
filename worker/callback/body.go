package callback

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// maxBody is what one event may take. VOD's take a few KB.
	maxBody = 1 << 20

	// smallBody is what everybody may send. Of those who send more, largeBodies may at a time, so that many who send large
	// bodies, or send them slowly, only wait for each other.
	smallBody   = 32 << 10
	largeBodies = 16

	// bodyTime is how long a body may take: by then VOD has hung up.
	bodyTime = 5 * time.Second
)

// bodies read the bodies of requests. What is in memory at a time is bounded, together with the number of connections,
// before it is known who sent it.
type bodies struct{ large chan struct{} }

func newBodies() bodies { return bodies{large: make(chan struct{}, largeBodies)} }

// A body is what was read.
type body struct {
	bytes.Buffer
	release func() // to be called when it is no longer needed, or counted elsewhere
}

var errBusy = errors.New("too many large bodies at a time")

// read reads a body, whatever its type is said to be. The error is a refusal, or says why the body did not come.
func (b bodies) read(w http.ResponseWriter, r *http.Request) (*body, error) {
	// Not supported by every ResponseWriter; then it is up to the server, which takes it off once all is read.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	read := &body{release: func() {}}
	if n, err := read.ReadFrom(io.LimitReader(r.Body, smallBody+1)); n <= smallBody || err != nil {
		return read, err
	}
	patience := time.NewTimer(bodyTime)
	defer patience.Stop()
	select {
	case b.large <- struct{}{}:
		read.release = func() { <-b.large }
	case <-patience.C:
		return nil, errBusy
	}
	if left := int(r.ContentLength) - read.Len(); left > 0 {
		read.Grow(left + bytes.MinRead) // at once, instead of by doubling
	}
	_, err := read.ReadFrom(io.LimitReader(r.Body, maxBody-smallBody))
	if err == nil && read.Len() > maxBody {
		err = tooLarge()
	}
	if err != nil {
		read.release()
	}
	return read, err
}

func tooLarge() error {
	return &refusal{http.StatusRequestEntityTooLarge, "an event of more than 1 MiB"}
}
