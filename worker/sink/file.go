package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/say"
)

// maxShared is how many bytes of lines are written at once, but for one line that is longer.
const maxShared = 1 << 20

// FileOptions say where a [File] writes.
type FileOptions struct {
	// Path is the file. Required. The folder that it is in must exist. A relative path is relative to the working directory
	// at the time of [NewFile].
	Path string `yaml:"path"`
}

// Validate fails if there is no path, with an [*OptionError].
func (o FileOptions) Validate() error {
	if o.Path == "" {
		return &OptionError{"path", errors.New("it is missing; name a file")}
	}
	return nil
}

// File appends each event to a file, as the line of JSON that [Stdout] writes in the format [StdoutJSON].
//
// Handle returns nil once the line is on the disk. Events that are handled at the same time share one write and one sync.
//
// Rotation. The file may be renamed or removed at any time: the next line goes to a new one. A line counts as written only
// if the file that it is in still has the name after the sync; else it is written again, to the new file. So the old file
// may be removed or compressed at once, and no line is lost. A line that was written in that moment may stand in both
// files. A file that is cut instead (copytruncate) is written on at its new end, but lines that come between the copying and
// the cutting are lost: no writer can know of that.
//
// Crashes and full disks. Every line in the file is whole. A line whose write failed half-way is taken back. Half a line that
// is still there, after a crash for instance, is removed by NewFile, and before the next line is written. Nothing is lost by
// that: its event was not confirmed, and comes again. A last line that is JSON, and only lacks its line end, is given one.
// Only a file that is rotated right after a crash can end with half a line. What is no file of events, since its first or last
// line does not begin with {, is refused, and left as it is.
//
// Sharing. Any number of Files may write to one file, in one process or several on the same machine: each holds an flock of
// the file while it writes. The file is made for its owner alone, and belongs to whom its folder belongs to if root makes it;
// one that exists keeps its owner and permissions. It may be a link; root follows only those that root has made.
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

var _ Sink = (*File)(nil)

// NewFile returns a sink that appends to the file, which it makes if there is none: to see whether that could work without
// making it, call [FileOptions.Reach]. It fails if the options are not valid, if the file cannot be read and written, if it is
// no regular file or holds something else than events, and on systems without flock.
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
// a disk that hangs cannot be told to stop. After any other the line is not on the disk, or not for sure; these are
// [worker.Unreachable]: a disk that is full, or a file that can't be opened, takes no other event either.
func (f *File) Handle(ctx context.Context, e events.Event) error {
	line := fileLine{text: jsonLine(e), done: make(chan error, 1)}
	if ctx.Err() != nil {
		return fmt.Errorf("file: not written: %w", say.Ended(ctx))
	}
	select {
	case f.lines <- line:
	case <-ctx.Done():
		return fmt.Errorf("file: not written: %w", say.Ended(ctx))
	case <-f.closing.Done():
		return worker.Unreachable(errors.New("file: not written: it is closed"))
	}
	select {
	case err := <-line.done:
		if err != nil {
			return worker.Unreachable(fmt.Errorf("file: %w", err))
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("file: not known to be written: %w", say.Ended(ctx))
	}
}

// String returns the file's path.
func (f *File) String() string { return f.path }

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
