package store

import "syscall"

// remote reports whether a folder is of a network file system: by the magic numbers of statfs(2).
func remote(dir string) bool {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return false
	}
	switch uint32(s.Type) {
	case 0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546: // NFS, SMB, CIFS, SMB2, 9p, FUSE
		return true
	}
	return false
}
