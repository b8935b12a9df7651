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

	// firstBytes are there for anybody, and then smallBody, as VOD's events are. What is larger needs room, for largeBody and
	// then for twice as much, …; it is judged before it gets any, and once more by its first judgedBody.
	firstBytes = 4 << 10
	smallBody  = 8 << 10
	judgedBody = 32 << 10
	largeBody  = 64 << 10
	step       = 4 << 10 // by which a body comes on: a trickle does not count

	// Room for those that have signed, and for those of whom that is not known, or need not be. With maxLoose small ones,
	// 24 MiB, it bounds what strangers can take.
	signedRoom = 32 << 20
	looseRoom  = 24 << 20

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
	in := reader{
		bodies: b, request: r, place: placeIn(r.Context()),
		ask: func() { _ = control.SetReadDeadline(longAgo) }, pardon: func() {},
	}
	if in.place != nil {
		in.ask, in.pardon = in.place.ask, in.place.pardon
	}
	err := in.readAll(ctx)
	switch {
	case err != nil:
		in.body.release()
	case in.body.guest != nil:
		in.body.guest.whole()
	}
	return &in.body, err
}

// A reader reads one body.
type reader struct {
	bodies
	request *http.Request
	place   *place
	ask     func()
	pardon  func()
	body    body
	marked  int  // how far it was when it last counted as having come on
	judged  bool // by its first judgedBody
}

func (in *reader) readAll(ctx context.Context) error {
	for {
		if len(in.body.bytes) == cap(in.body.bytes) {
			if err := in.grow(ctx); err != nil {
				return err
			}
		}
		have := in.body.bytes
		n, err := in.request.Body.Read(have[len(have):min(cap(have), len(have)+judgedBody)])
		in.body.bytes = have[:len(have)+n]
		switch {
		case len(in.body.bytes) > maxBody:
			return in.tooLarge()
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		in.comeOn()
		if err := in.judgeAgain(ctx); err != nil {
			return err
		}
	}
}

// comeOn says that it comes on, each time that a step has come.
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
	size := 2 * cap(have)
	switch cap(have) {
	case 0:
		size = firstBytes
	case smallBody:
		size = largeBody
	}
	if size = min(size, most); size > smallBody {
		if err := in.takeRoom(ctx, size); err != nil {
			return err
		}
	}
	in.body.bytes = append(make([]byte, 0, size), have...)
	return nil
}

// takeRoom waits for room for a body that is not small.
func (in *reader) takeRoom(ctx context.Context, size int) error {
	if in.body.guest == nil {
		if err := in.enter(); err != nil {
			return err
		}
	}
	in.place.to(waiting)
	defer in.place.to(reading)
	return in.body.guest.take(ctx, size-in.body.guest.has)
}

// enter chooses the room for it by what has come.
func (in *reader) enter() error {
	signed, err := in.judge(in.body.bytes, time.Now())
	if err != nil {
		return err
	}
	room := in.loose
	if signed {
		room = in.signed
		in.place.to(kept)
	}
	if in.body.guest == nil || in.body.guest.room != room {
		in.body.release()
		in.body.guest = &guest{room: room, ask: in.ask, pardon: in.pardon}
	}
	return nil
}

// judgeAgain is enter, once judgedBody has come of one that was not known to be signed.
func (in *reader) judgeAgain(ctx context.Context) error {
	if in.judged || len(in.body.bytes) < judgedBody {
		return nil
	}
	in.judged = true
	if err := in.enter(); err != nil {
		return err
	}
	if in.request.ContentLength > maxBody {
		return in.tooLarge()
	}
	if in.body.guest.has > 0 {
		return nil
	}
	return in.takeRoom(ctx, cap(in.body.bytes))
}

func (in *reader) tooLarge() error {
	have := in.body.bytes
	return &tooLarge{
		head: bytes.Clone(have[:judgedBody]), tail: bytes.Clone(have[len(have)-tailSize:]), signed: in.body.guest.room == in.signed,
	}
}
