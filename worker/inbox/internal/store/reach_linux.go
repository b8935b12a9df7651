package store

import "syscall"

// risksOf says what becomes of the files in a folder when a machine or a container ends.
func risksOf(dir string) []string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return nil
	}
	switch uint32(fs.Type) {
	case 0x01021994, 0x858458f6: // tmpfs, ramfs
		return []string{"it lies in memory: events that are confirmed are lost when this machine or pod ends: name a file on a disk"}
	case 0x794c7630: // overlayfs
		return []string{"it lies in a container, and events that are confirmed are lost with it: name a file on a volume"}
	}
	return nil
}
