package page

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

// maxLetters is how many letters are listed, those that failed last: the folder may hold very many.
const maxLetters = 1000

// A LetterRow is a dead letter in the list.
type LetterRow struct {
	Name     string    `json:"name"`
	App      string    `json:"app,omitempty"`
	Type     string    `json:"type,omitempty"`
	File     string    `json:"file,omitempty"`
	Task     string    `json:"task,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Missing  []string  `json:"missing,omitempty"`
	Error    string    `json:"error,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Odd      string    `json:"odd,omitempty"` // why it is no letter
	Payload  string    `json:"payload,omitempty"`
}

// withLetters is a handler of letters, where there is a folder of them.
func (p *Page) withLetters(next http.HandlerFunc) http.HandlerFunc {
	if p.o.Letters != nil {
		return next
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "There is no folder of dead letters: dead_letters.dir is not set, nor an inbox.")
	}
}

func (p *Page) letters(w http.ResponseWriter, r *http.Request) {
	select { // one at a time: it reads all that there are
	case p.listing <- struct{}{}:
		defer func() { <-p.listing }()
	case <-r.Context().Done():
		return
	}
	entries, err := p.o.Letters.List(r.Context())
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	slices.Reverse(entries)
	all := len(entries)
	rows := make([]LetterRow, 0, min(all, maxLetters))
	for _, e := range entries[:min(all, maxLetters)] {
		row := LetterRow{Name: e.Name}
		if e.Err != nil {
			row.Odd = cut(e.Err.Error())
		} else {
			row = LetterRow{Name: e.Name, App: strconv.FormatUint(e.SubAppID, 10), Type: cut(string(e.Type)), File: cut(e.File), Task: cut(e.Task),
				Reason: e.Reason.Text(), Missing: e.Missing, Error: cut(e.LastError), Attempts: e.Attempts, First: e.First, Last: e.Last}
		}
		rows = append(rows, row)
	}
	answer(w, struct {
		Letters []LetterRow `json:"letters"`
		All     int         `json:"all"`
	}{rows, all})
}

func (p *Page) letter(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	if l, found := p.show(w, r, name); found {
		e := l.Event
		answer(w, LetterRow{Name: name, App: strconv.FormatUint(e.SubAppID, 10), Type: string(e.Type), File: e.FileID(), Task: e.TaskID(),
			Reason: l.Reason.Text(), Missing: l.Missing, Error: l.LastError, Attempts: l.Attempts, First: l.First, Last: l.Last,
			Payload: string(e.Unsigned())})
	}
}

const gone = "This letter is gone: somebody else has replayed or purged it."

// show returns a letter, or says why not.
func (p *Page) show(w http.ResponseWriter, r *http.Request, name string) (letter worker.DeadLetter, found bool) {
	letter, err := p.o.Letters.Show(r.Context(), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		refuse(w, http.StatusConflict, gone)
	case err != nil:
		refuse(w, http.StatusInternalServerError, err.Error())
	}
	return letter, err == nil
}

// replay runs what one letter lacks, now. Its handlers take as long as those of an event may. A letter in an inbox waits for
// the worker instead.
func (p *Page) replay(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	before, found := p.show(w, r, name)
	if !found {
		return
	}
	if !p.replaying.TryLock() {
		refuse(w, http.StatusConflict, "Another letter is being replayed: one at a time. Try again when it is done.")
		return
	}
	defer p.replaying.Unlock()
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context())) // who asked may leave
	defer cancel()
	go func() {
		select {
		case <-p.o.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	var why reasons
	run := letters.Replay{Store: p.o.Letters, Router: p.o.Router, Concurrency: 1, Log: p.o.Log.Hook(&why)}
	done := run.Run(ctx, []string{name})
	result := struct {
		Gone     bool   `json:"gone"`
		Requeued bool   `json:"requeued,omitempty"`
		Error    string `json:"error,omitempty"`
	}{Gone: done.Gone == 1, Requeued: done.Requeued == 1}
	if done.Left+done.NotRun > 0 {
		result.Error = why.text()
		if left, err := p.o.Letters.Show(ctx, name); err == nil && left.LastError != "" && !left.Last.Equal(before.Last) {
			result.Error += ": " + left.LastError
		}
	}
	answer(w, result)
}

// reasons are what a replay warns of: only there it says why a letter stays.
type reasons []string

// Run implements zerolog.Hook. One letter is replayed by one goroutine.
func (s *reasons) Run(_ *zerolog.Event, level zerolog.Level, message string) {
	if level >= zerolog.WarnLevel && !slices.Contains(*s, message) {
		*s = append(*s, message)
	}
}

func (s reasons) text() string { return cmp.Or(strings.Join(s, "; "), "the letter stays") }

// purge throws a letter away, with its event.
func (p *Page) purge(w http.ResponseWriter, r *http.Request) {
	switch err := p.o.Letters.Purge(r.Context(), r.URL.Query().Get("name")); {
	case errors.Is(err, fs.ErrNotExist):
		refuse(w, http.StatusConflict, gone)
	case err != nil:
		refuse(w, http.StatusInternalServerError, err.Error())
	default:
		answer(w, struct{}{})
	}
}
