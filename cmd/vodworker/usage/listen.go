package usage

import (
	"errors"
	"net"
	"strings"
	"syscall"
)

// Listening says why nothing can listen at an address, and what to do.
func Listening(address string, err error) error {
	_, odd := errors.AsType[*net.AddrError](err)
	switch {
	case odd && !strings.Contains(address, ":"):
		return errors.New("write :PORT or HOST:PORT, such as :8080")
	case errors.Is(err, syscall.EADDRINUSE):
		return errors.New("another program listens there; choose another address")
	case errors.Is(err, syscall.EACCES):
		return errors.New("only root may listen at a port below 1024; choose another")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return errors.New("this machine has no such address; choose another")
	}
	return err
}
