// Package letters keeps dead letters: the events that were given up, each with the handlers that it still lacks, until
// they are handled after all or thrown away.
//
//	dead, err := letters.NewDir("/var/lib/vodworker/dead")
//	if err != nil {
//		return err
//	}
//	w, err := worker.New(source, handlers, &worker.Options{
//		DeadLetters: &worker.DeadLetters{Attempts: 5, Write: dead.Write},
//	})
//
// A [Store] is where they lie: it lists and shows them, records what became of them, and purges them. [Dir] is one, a
// folder with a file for each, to which any number of processes may write.
//
// [Replay] runs the handlers that letters lack again, while workers run too. What succeeds is missing no longer, and a
// letter that lacks nothing more is removed. Letters of a [Requeuer], as an inbox has, wait for its workers instead.
//
// [Send] hands letters to a sink instead, for somebody else to keep.
package letters
