package usage

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// Listening says why nothing can listen at an address, and what to do; set is what names the address, such as --listen.
func Listening(address, set string, err error) error {
	if _, ok := errors.AsType[*net.AddrError](err); ok && !strings.Contains(address, ":") {
		return fmt.Errorf("%s %q: write :PORT or HOST:PORT, such as :8080", set, address)
	}
	what := ""
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		what = "another program listens there"
	case errors.Is(err, syscall.EACCES):
		what = "only root may listen at a port below 1024"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		what = "this machine has no such address"
	default:
		return fmt.Errorf("%s %q: %w", set, address, err)
	}
	return fmt.Errorf("%s %q: %s: choose another with %s", set, address, what, set)
}
