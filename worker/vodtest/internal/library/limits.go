package library

// What a library keeps, so that an emulator can run for weeks under load: about 200 MB of small ones. Of more the oldest go,
// as if they had never been.
const (
	mostFiles    = 50_000
	mostTasks    = 50_000
	mostSessions = 50_000
	mostUploads  = 50_000
)

// limitFiles forgets the oldest file if there are too many.
func (l *Library) limitFiles() {
	if l.ordered.Len() <= mostFiles {
		return
	}
	m := l.ordered.Remove(l.ordered.Front()).(*media)
	l.keep(m)
	delete(l.media, m.id)
}

// limitTasks forgets the oldest task if there are too many. If it runs it goes on.
func (l *Library) limitTasks() {
	if l.byAge.Len() > mostTasks {
		l.forget(l.byAge.Remove(l.byAge.Front()).(*task))
	}
}
