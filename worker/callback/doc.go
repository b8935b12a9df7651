// Package callback receives VOD's normal callbacks, into the same handlers as a [worker.Worker].
//
//	receiver, err := callback.New(handlers, &callback.Options{SignKey: key})
//	…
//	server, err := callback.Listen(receiver, callback.ServerOptions{Listen: ":8080"})
//	…
//	err = server.Run(ctx) // until ctx ends
//
// # What VOD does
//
// An application whose mode is PUSH has no queue. VOD posts each event to the callback URL, and waits 5 s for an answer.
// It takes any answer as delivered, whatever its status. Only if there is none does it try again: three times in all, as far
// as is documented. Then the event is gone.
//
// # What it promises
//
// A request is answered with 200 as soon as every handler that wants its event has succeeded, or the event lies in the dead
// letters. Otherwise there is no answer: the connection is held until VOD hangs up, for 6 s at most, and then closed. That
// is what makes VOD try again.
//
// What a Worker promises it cannot. An event that comes while no process is there to take it is gone. Where no event may be
// lost, set the mode to PULL and run a Worker.
//
// # Work outlives its request
//
// Handlers get 25 s, [worker.HandlingTime], however long VOD waits. An event is known by its Key: VOD's next try for it joins
// the handlers that still run, and runs again those that have failed. What has succeeded does not run again. A result that
// reached no request is kept for a minute, for VOD's next try. So a handler sees every event at least once, and sometimes twice:
// it must be idempotent.
//
// A handler that does not return when its context ends keeps its place, but not the event.
//
// # What is given up
//
// An event is given up when it has failed three times, or when VOD did not try it again within 30 s. With
// [Options].DeadLetters, what a handler rejects with [worker.Permanent] is given up at once. It is written to the dead
// letters. Without them, or if that fails for good, it is lost: [Hooks].Lost tells it, and the log has the whole event.
//
// Unlike a Worker, a Receiver does not notice that a handler is down: its events are given up one by one.
//
// # Who is let in
//
// What is not signed with a sign key is refused with 403, what is no event with 400. VOD does not send it again, so the log
// says it. An event of more than 8 MiB is refused with 413, and is lost: [Hooks].Lost and the log tell which it was. GET and HEAD
// are answered with 200, for whoever wants to know if it is there; a [Server] does so at its path alone.
//
// Anybody may reach a receiver, so what strangers can take is bounded. It reads a body for 5 s. One of more than 8 KiB is
// judged by these, and again by its first 32: what is signed in them goes first, into 32 MiB of its own, what is wrongly
// signed is refused. All others share 24 MiB, and one that has not come on for 100 ms is closed when another needs its room. It
// keeps 1,024 events, of 32 MiB in all, and holds 1,024 requests. What there is no room for is not answered, so that VOD tries it
// again.
//
// # A server of your own
//
// [Listen] makes a server that is fit to be reached by strangers. Whoever serves a [Receiver] with an [http.Server] of his own
// limits how many connections are open, the time for their headers and for reading all of a request, and how long they may be
// idle. A WriteTimeout must be longer than 6 s. HTTP/1 is all that VOD needs. [Receiver.Shutdown] stops both.
//
// # Who runs what
//
// A Receiver starts a goroutine for each event that is being handled, and for each letter that is being written. They
// outlive requests; [Receiver.Shutdown] waits for them. [Server.Run] owns everything that a server starts. Nothing is left
// when they return, except handlers, and writers of letters, that do not return when their context ends.
package callback
