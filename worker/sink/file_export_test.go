package sink

import "os"

// SyncWith makes f sync by sync instead. Nothing may be being handled.
func (f *File) SyncWith(sync func(*os.File) error) { f.sync = sync }
