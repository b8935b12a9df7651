package usage

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// Listening says why nothing can listen at an address, and what to do.
func Listening(address string, err error) error {
	_, odd := errors.AsType[*net.AddrError](err)
	host, port, _ := net.SplitHostPort(address)
	unknown, isUnknown := errors.AsType[*net.DNSError](err)
	_, noPort := strconv.ParseUint(port, 10, 16)
	switch {
	case strings.Contains(address, "://"):
		return errors.New("it is a URL: write :PORT or HOST:PORT alone, such as :8080")
	case odd && !strings.Contains(address, ":"):
		return errors.New("write :PORT or HOST:PORT, such as :8080")
	case odd && host == "" && port == "":
		return errors.New("write :PORT or HOST:PORT, and an IPv6 address between [ and ], such as [::1]:8080")
	case (odd || isUnknown) && noPort != nil:
		return errors.New("the port must be a number from 0 to 65535; write one such as :8080")
	case isUnknown:
		return fmt.Errorf("no host is known as %s; write an address of this machine", unknown.Name)
	case errors.Is(err, syscall.EADDRINUSE):
		return errors.New("another program listens there; choose another address")
	case errors.Is(err, syscall.EACCES):
		return errors.New("only root may listen at a port below 1024; choose another")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return errors.New("this machine has no such address; choose another")
	}
	return err
}

// CanListen says why nothing can listen at a host, and what to do. It leaves the port alone: a worker that runs may listen there.
func CanListen(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return Listening(address, err)
	}
	tried, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return Listening(address, err)
	}
	return tried.Close()
}
