// Package sink holds what a worker hands its events to. A [Sink] is a place: it is made once, handles events concurrently, and
// is closed after the last one.
//
//	hook, err := sink.NewWebhook(sink.WebhookOptions{URL: "https://example.com/vod", Secret: secret})
//	if err != nil {
//		return err
//	}
//	defer hook.Close()
//	w, err := worker.New(source, []worker.Handler{{Name: "backend", Handle: hook.Handle}}, nil)
//
// # Which there are
//
// [Stdout] writes events to a stream: as text for people, or as a line of JSON each for the next program.
//
// [File] appends the same lines of JSON to a file, on the disk before the event counts as handled. The file may be rotated.
//
// [Webhook] posts each event to a URL. The body is what a normal callback of VOD would carry, so an endpoint that was
// written for those needs no change. Its headers are those of Standard Webhooks: an id by which the receiver
// recognises what it has seen, and, with a secret, a signature. It can also post CloudEvents 1.0.
//
// [Exec] runs a program for each event, with the same JSON on its standard input, and ends it with its children when its time
// is over.
//
// Packages below this one are for brokers: kafka, nats, redis, rabbitmq. Each brings a client along, so none is imported here.
//
// # What they have in common
//
// A sink makes one attempt a call. Nil means that the event has arrived: it was written, or a receiver answered that it took
// it. An error says whose fault it is, where that is sure: [worker.Permanent] if this event will never be accepted,
// [worker.Unreachable] if no other would have been either; and [worker.RetryAfter] if the receiver asked for a pause. An
// event can arrive more than once.
//
// What is sent is a [Message]: the event in one of three forms, with an id by which a receiver tells it from others.
//
// The options of each sink have the keys of a configuration file. Validate sees whether they make sense, without looking at
// the place; Reach looks at the place, without handing an event over.
//
// # One of your own
//
// A worker needs no more than a function: [worker.Handler] takes any. A new Sink in this module is a folder below this one, that
// imports this package and none of its siblings:
//
//   - Options, with yaml tags and a Validate, and a New that calls it first;
//   - Handle, which takes what it sends from [NewMessage] and keeps the contract of [Sink];
//   - Reach, String and Close;
//   - a test that calls Run of worker/internal/sinktest, with a Harness that says how its place is looked into and spoilt.
//
// The suite then holds it to the contract.
package sink
