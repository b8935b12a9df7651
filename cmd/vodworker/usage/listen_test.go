package usage

import (
	"errors"
	"net"
	"syscall"
	"testing"
)

func TestListeningSaysWhatToChange(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	at := taken.Addr().String()
	_, inUse := net.Listen("tcp", at)
	_, noPort := net.Listen("tcp", "8080")
	listen := func(address string) error {
		_, err := net.Listen("tcp", address)
		return err
	}
	for address, test := range map[string]struct {
		err  error
		want string
	}{
		at:       {inUse, "another program listens there; choose another address"},
		"8080":   {noPort, "write :PORT or HOST:PORT, such as :8080"},
		":99999": {listen(":99999"), "the port must be a number from 0 to 65535; write one such as :8080"},
		":http_": {listen(":http_"), "the port must be a number from 0 to 65535; write one such as :8080"},
		"http://127.0.0.1:8080": {listen("http://127.0.0.1:8080"),
			"it is a URL: write :PORT or HOST:PORT alone, such as :8080"},
		"::1:8080":  {listen("::1:8080"), "write :PORT or HOST:PORT, and an IPv6 address between [ and ], such as [::1]:8080"},
		"nowhere:1": {&net.DNSError{Name: "nowhere", Err: "no such host"}, "no host is known as nowhere; write an address of this machine"},
		":80":       {syscall.EACCES, "only root may listen at a port below 1024; choose another"},
		"1.2.3.4:1": {syscall.EADDRNOTAVAIL, "this machine has no such address; choose another"},
		":x":        {errors.New("odd"), "odd"},
	} {
		if got := Listening(address, test.err); got.Error() != test.want {
			t.Errorf("got  %v\nwant %s", got, test.want)
		}
	}
}

func TestWhetherAHostCanBeListenedAtIsSeenBesideWhoListens(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	if err := CanListen(taken.Addr().String()); err != nil {
		t.Error(err)
	}
	if err := CanListen("192.0.2.1:8080"); err == nil || err.Error() != "this machine has no such address; choose another" {
		t.Error(err)
	}
}
