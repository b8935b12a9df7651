package store

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/vodworker/vodworker/worker/internal/disk"
)

// again has all that is in the write-ahead log written once more, and synced, before anything is built on it.
//
// After a sync that failed Linux takes the pages for clean: they can be read, but no later sync writes them, and they are gone
// with the power. SQLite doesn't show the transaction whose sync failed as long as a connection lives that knows. The next
// process finds it in the log, whole, and takes it for committed. An event of it that VOD hands out again would be known, so
// nothing would be written, and it would be confirmed without being on the disk.
//
// A checkpoint alone isn't enough: if the power fails in the middle of it the database has pages of a transaction that the log
// doesn't have. After it the log may begin anew, and the database isn't empty: SQLite removes the log of an empty one.
func (l *line) again(ctx context.Context, path string) error {
	if err := l.exec(ctx, `begin immediate`); err != nil { // nobody else writes to the log
		return err
	}
	err := rewrite(path + "-wal")
	if err := errors.Join(err, l.exec(ctx, `rollback`)); err != nil {
		return err
	}
	// SQLite ignores it when the folder can't be synced. Without their names the files are nothing.
	if err := disk.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	return l.exec(ctx, `pragma wal_checkpoint`) // if others read, part of it: the rest stays in the log
}

// rewrite writes each byte of a file over itself, and syncs it.
func rewrite(path string) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0) // SQLite's locks are on other files: closing it takes none away
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buf := make([]byte, 64<<10)
	for at := int64(0); ; {
		n, err := file.ReadAt(buf, at)
		if n > 0 {
			if _, err := file.WriteAt(buf[:n], at); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return file.Sync()
		}
		if err != nil {
			return err
		}
		at += int64(n)
	}
}
