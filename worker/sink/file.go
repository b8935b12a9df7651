package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/events"
)

// maxShared is how many bytes of lines are written at once, but for one line that is longer.
const maxShared = 1 << 20

// FileOptions say to which file a [File] appends.
type FileOptions struct {
	// Path is the file's. Required. A relative one is relative to today's working directory.
	Path string `yaml:"path"`
}

// Validate returns an error if there is no path.
func (o FileOptions) Validate() error {
	if o.Path == "" {
		return errors.New("file: no path")
	}
	return nil
}

// File appends each event to a file: a line as [Stdout] writes it in the format [StdoutJSON], and on the disk when Handle returns
// nil. Events that are handled at the same time share one write and one sync.
//
// The file may be rotated at any time by renaming or removing it: the next line goes to a new one. Only what is in the
// file that has the name after the sync counts as written, so neither removing nor compressing the old one loses a line. One that
// comes in that moment may stand in both. If the file is cut instead (copytruncate) writing goes on at its new end, but
// lines that come between the copying and the cutting are lost: no writer can know of that.
//
// A line whose write failed half-way is taken back. If a crash, or a disk too full for that too, leaves half a line at the end
// of the file, it is removed before the next line is written, and by NewFile: its event was not confirmed, and comes again.
// One that is JSON, and only lacks its line end, is given that. So every line in the file is whole; only one that was
// rotated right after a crash, before a File had it open again, can end with half a line.
//
// Any number of Files may write to one file, in one process or several on the same machine: each holds an flock of the file
// while it writes. The file is made for its owner alone; one that exists keeps its permissions.
type File struct {
	path  string
	lines chan fileLine

	closing context.Context // ends with Close
	close   context.CancelFunc
	ended   chan struct{} // closed when run has returned

	// Only run, and NewFile before it, may use these.
	file *os.File // nil: to be opened
	sync func(*os.File) error
}

// A fileLine is a line to be written, and where to tell what came of it.
type fileLine struct {
	text []byte
	done chan error // never blocks
}

// NewFile returns a sink that appends to the file at opts.Path, which it makes if there is none; the folder that it is in must
// exist. It fails if the file cannot be read and written, if it is no regular file, and on systems without flock.
func NewFile(opts FileOptions) (*File, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(opts.Path)
	if err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	f := &File{path: path, lines: make(chan fileLine), ended: make(chan struct{}), sync: (*os.File).Sync}
	f.closing, f.close = context.WithCancel(context.Background())
	if err := f.begin(); err != nil {
		f.drop()
		f.close()
		return nil, fmt.Errorf("file: %w", err)
	}
	go f.run()
	return f, nil
}

// Handle writes e, and waits as long as ctx lasts. After an error that wraps ctx.Err() the line may be written all the same:
// a disk that hangs cannot be told to stop. After any other it is not, or not for sure, on the disk.
func (f *File) Handle(ctx context.Context, e events.Event) error {
	line := fileLine{text: renderJSON(e), done: make(chan error, 1)}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("file: not written: %w", err)
	}
	select {
	case f.lines <- line:
	case <-ctx.Done():
		return fmt.Errorf("file: not written: %w", ctx.Err())
	case <-f.closing.Done():
		return errors.New("file: not written: it is closed")
	}
	select {
	case err := <-line.done:
		if err != nil {
			return fmt.Errorf("file: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("file: not known to be written: %w", ctx.Err())
	}
}

// Close closes the file. Handle fails from now on.
func (f *File) Close() error {
	f.close()
	<-f.ended
	return nil
}

// run writes all lines. Those that come while it waits for the disk are written together next.
func (f *File) run() {
	defer close(f.ended)
	defer f.drop()
	for {
		select {
		case first := <-f.lines:
			f.commit(first)
		case <-f.closing.Done():
			return
		}
	}
}

// commit writes a line, with those that wait behind it.
func (f *File) commit(first fileLine) {
	shared, text := []fileLine{first}, first.text
	for waiting := true; waiting && len(text) < maxShared; {
		select {
		case next := <-f.lines:
			shared, text = append(shared, next), append(text, next.text...)
		default:
			waiting = false
		}
	}
	err := f.append(text)
	for _, line := range shared {
		line.done <- err
	}
}
