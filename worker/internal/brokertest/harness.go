package brokertest

import (
	"github.com/vodworker/vodworker/worker/sink"
)

// A Harness is a broker at work, with what the suite needs to know of it. The functions end the test when they fail, and are
// called on its goroutine only. All are required, but for those that say something else.
type Harness struct {
	// Open returns a new sink, which hands events to one topic, stream or queue; up to 128 at once. The suite closes it.
	Open func() sink.Sink

	// Read returns all messages that lie there, in any order, each as often as it is there.
	Read func() []Message

	Server interface {
		Stop()
		Kill() // at once, by surprise
		Start()
		Freeze()
		Thaw()
	} // keeps what it has while it is stopped

	// Delete deletes the topic, stream or queue with all that is in it, and Make makes it again, unless the sink has done that.
	Delete, Make func()

	// Once says that the place drops what it has already: nothing may lie there twice.
	Once bool

	// TooLarge is from which size on, in bytes, no event can be accepted.
	TooLarge int

	// OpenNamed returns a sink with {type} or {file_id} in the name of its topic, stream or key, and unknown types as they are.
	// Read must return what is handed to it, of type NewFileUpload and for every file, too. Nil: the sink has no such names.
	OpenNamed func() sink.Sink
}

// A Message is one as a consumer of the broker gets it.
type Message struct {
	ID     string // of the header vod-event-id
	Body   []byte
	Header map[string]string
}
