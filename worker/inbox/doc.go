// Package inbox stores events in a database, so that handlers may take longer than VOD's window: an event is confirmed when
// it lies there, and then handled for as long as that takes.
//
// Each handler has a queue of its own behind the inbox, and a [worker.Worker], whose rules of failures, downs, dead letters
// and stops hold here as in front of it. So a handler that is slow or down does not hold up another.
//
// An event is stored once, by its [events.Event.ID], and kept for a while when it is done, so that it is known if VOD hands
// it out again. A handler is run at least once for it: again if the process ends before it is written that the handler has
// succeeded, or if the process can't reach the database for so long that others take it for dead.
package inbox
