package callback

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

const (
	// maxBody is what one event may take: more than twice 50 MB / 16, an even share of the largest answer of PullEvents,
	// and a quarter of what is kept of events at a time, maxRunBytes. VOD's take a few KB.
	maxBody = 8 << 20

	// smallBody is what everybody may send. Who sends more is told by it whether to be let in: see bodies.judge.
	smallBody  = 32 << 10
	firstBytes = 4 << 10 // that are there for anybody; then twice as many, each time that they are full
	step       = 16 << 10

	// Room for what is larger, of those who have signed and of those of whom that is not known, or need not. With maxLoose
	// small ones, 32 MiB, it bounds what strangers can take.
	signedRoom = 32 << 20
	looseRoom  = 16 << 20

	// bodyTime is how long a body may take: by then VOD has hung up.
	bodyTime = 5 * time.Second
)

// bodies read the bodies of requests. What is in memory at a time is bounded, and who stands still makes room for who comes on.
type bodies struct {
	keys          signKeys
	signed, loose *room
}

func newBodies(keys signKeys) bodies {
	return bodies{keys: keys, signed: newRoom(signedRoom), loose: newRoom(looseRoom)}
}

// A body is what was read.
type body struct {
	bytes []byte
	guest *guest // nil: it is small
}

// release is to be called when it is no longer needed, or counted elsewhere.
func (b *body) release() {
	if b.guest != nil {
		b.guest.leave()
	}
}

// read reads a body, whatever its type is said to be. The error is a refusal, a *tooLarge, or says why the body did not come.
func (b bodies) read(w http.ResponseWriter, r *http.Request) (*body, error) {
	// Not supported by every ResponseWriter; then it is up to the server, which takes it off once all is read.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTime))
	ctx, cancel := context.WithTimeout(r.Context(), bodyTime)
	defer cancel()
	in := reader{bodies: b, request: r, place: placeIn(r.Context()), cut: func() { _ = control.SetReadDeadline(time.Unix(1, 0)) }}
	err := in.readAll(ctx)
	if err == nil && in.body.guest != nil && !in.body.guest.whole() {
		err = errBusy
	}
	if err != nil {
		in.body.release()
	}
	return &in.body, err
}

// A reader reads one body.
type reader struct {
	bodies
	request *http.Request
	place   *place
	cut     func()
	body    body
	marked  int // how far it was when it last counted as having come on
}

func (in *reader) readAll(ctx context.Context) error {
	for {
		if len(in.body.bytes) == cap(in.body.bytes) {
			if err := in.grow(ctx); err != nil {
				return err
			}
		}
		have := in.body.bytes
		n, err := in.request.Body.Read(have[len(have):min(cap(have), len(have)+step)])
		in.body.bytes = have[:len(have)+n]
		switch {
		case len(in.body.bytes) > maxBody:
			have := in.body.bytes
			return &tooLarge{
				head: bytes.Clone(have[:smallBody]), tail: bytes.Clone(have[len(have)-tailSize:]),
				signed: in.body.guest.room == in.signed,
			}
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		in.comeOn()
	}
}

// comeOn says that it comes on, each time that a step has come: a trickle does not count.
func (in *reader) comeOn() {
	if len(in.body.bytes) < in.marked+step {
		return
	}
	in.marked = len(in.body.bytes)
	in.place.to(reading)
	if in.body.guest != nil {
		in.body.guest.cameOn()
	}
}

// grow makes place for more. One byte more than is said to come is to find its end.
func (in *reader) grow(ctx context.Context) error {
	have, most := in.body.bytes, maxBody+1
	if said := in.request.ContentLength; 0 <= said && said <= maxBody {
		most = int(said) + 1
	}
	size := min(max(firstBytes, 2*cap(have)), most)
	if size > smallBody {
		if err := in.takeRoom(ctx, size-cap(have)); err != nil {
			return err
		}
	}
	in.body.bytes = append(make([]byte, 0, size), have...)
	return nil
}

// takeRoom waits for room for n bytes more of a body that is not small.
func (in *reader) takeRoom(ctx context.Context, n int) error {
	if in.body.guest == nil {
		signed, err := in.judge(in.body.bytes, time.Now())
		if err != nil {
			return err
		}
		if in.request.ContentLength > maxBody {
			return &tooLarge{head: in.body.bytes, tail: bytes.Clone(in.body.bytes[smallBody-tailSize:]), signed: signed}
		}
		to := in.loose
		if signed {
			to = in.signed
			in.place.to(kept)
		}
		in.body.guest = &guest{room: to, cut: in.cut}
	}
	in.place.to(waiting)
	defer in.place.to(reading)
	return in.body.guest.take(ctx, n)
}
