package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// explainedSQLite says which file an error is about, and what is to be done. What says so already stays as it is.
func explainedSQLite(err error, path string) error {
	failed, is := errors.AsType[*sqlite.Error](err)
	if err == nil || !is {
		return err
	}
	todo := "look at the disk that it is on"
	switch failed.Code() & 0xff { // the rest is which kind of it
	case lib.SQLITE_INTERRUPT: // who has asked does not want it any more
		return err
	case lib.SQLITE_NOTADB:
		todo = "name another file"
	case lib.SQLITE_CORRUPT:
		todo = "stop vodworker, keep a copy, and mend it with sqlite3's .recover, or name a new file"
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		todo = "give the user of vodworker the right to read and write it, and its folder"
	case lib.SQLITE_FULL:
		todo = "make room on its disk"
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		todo = "see which other program works on it, and end it"
	case lib.SQLITE_ERROR, lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH:
		todo = "see whether another program has changed its tables"
	}
	return fmt.Errorf("%s: %s; %s", path, failed.Error(), todo)
}
