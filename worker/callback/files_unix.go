//go:build unix

package callback

import "syscall"

// placesFor returns most, or fewer if half of the files that this process may open are fewer: handlers need some too.
func placesFor(most int) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return most
	}
	return int(min(uint64(most), uint64(limit.Cur)/2)) // as signed as the system has it
}
