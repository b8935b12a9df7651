// Package sink holds what a worker hands its events to. Each sink is made once, handles events concurrently, and is
// closed after the last one:
//
//	hook, err := sink.NewWebhook(sink.WebhookOptions{URL: "https://example.com/vod", Secret: secret})
//	if err != nil {
//		return err
//	}
//	defer hook.Close()
//	w, err := worker.New(source, []worker.Handler{{Name: "backend", Handle: hook.Handle}}, nil)
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
// A sink makes one attempt a call and says what an error means: [worker.Permanent] if the event will never be
// accepted, [worker.RetryAfter] if the receiver asked for a pause. Nil means that the event has arrived: it was
// written, or a receiver answered that it took it. An event can arrive more than once.
package sink
