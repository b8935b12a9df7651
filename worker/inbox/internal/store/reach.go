package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// ErrUnreached says that no server answers.
var ErrUnreached = errors.New("not reached")

// Reach says what there is at a URL, and how what is stored there can be lost all the same. It leaves nothing behind. Its
// errors show no password.
func Reach(ctx context.Context, at string) (found string, risks []string, err error) {
	u, err := url.Parse(at)
	if err != nil {
		return "", nil, errURL
	}
	switch u.Scheme {
	case "sqlite":
		return reachSQLite(ctx, at, u)
	case "postgres", "postgresql":
		return reachPostgres(ctx, at)
	}
	return "", nil, errURL
}

func reachSQLite(ctx context.Context, at string, u *url.URL) (found string, risks []string, err error) {
	path := u.Path
	risks = risksOf(filepath.Dir(path))
	info, err := os.Stat(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist), remote(filepath.Dir(path)):
		if _, misplaced := place(u); misplaced != nil {
			return "", nil, misplaced
		}
		return "", nil, noRight(err)
	case err != nil:
		found, err = disk.CanMake(path)
		return found, risks, err
	case !info.Mode().IsRegular():
		return "", nil, errors.New("it is no regular file; name another")
	}
	if _, err := disk.CanWrite(filepath.Dir(path)); err != nil { // there are files beside it
		return "", nil, err
	}
	s, err := Open(ctx, at, Options{Look: true})
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("%s, %d bytes", s.About(), info.Size()), risks, s.Close()
}
