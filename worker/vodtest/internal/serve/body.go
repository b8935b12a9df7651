package serve

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

const (
	largeBody    = 256 << 10 // bytes; what is larger waits for its turn
	largeAtATime = 8
	largeTime    = 30 * time.Second // for the rest of a large body, once it is its turn
)

// Bodies reads the bodies of requests, few large ones at a time: nobody has checked yet who sends them, and each is kept in
// memory. Create it with [NewBodies]. It is safe for concurrent use.
type Bodies struct{ turns chan struct{} }

// NewBodies returns one that reads none yet.
func NewBodies() *Bodies { return &Bodies{make(chan struct{}, largeAtATime)} }

// Read reads the body of a request, of one that is too large as much as [Check] needs to see that. It ends with an error if the
// client leaves, is too slow with a large body, or ctx ends while that waits for its turn.
func (b *Bodies) Read(ctx context.Context, w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r.Body, largeBody); errors.Is(err, io.EOF) {
		return body.Bytes(), nil
	} else if err != nil {
		return nil, err
	}
	select {
	case b.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	defer func() { <-b.turns }()
	body.Grow(int(max(0, min(r.ContentLength, MaxBody+1)-largeBody)) + bytes.MinRead) // at once, without copies
	end := time.Now().Add(largeTime)
	conn := http.NewResponseController(w) // in process there is no connection, and nobody to stall
	_ = conn.SetReadDeadline(end)
	_, err := io.CopyN(&body, timed{r.Body, end}, MaxBody+1-largeBody)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Time{})
	return body.Bytes(), nil
}

// A timed body ends at a time, also where a server puts the deadline of its connection off whenever something comes.
type timed struct {
	io.Reader
	end time.Time
}

func (t timed) Read(p []byte) (int, error) {
	if !time.Now().Before(t.end) {
		return 0, os.ErrDeadlineExceeded
	}
	return t.Reader.Read(p)
}
