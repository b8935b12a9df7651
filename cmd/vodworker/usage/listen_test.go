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
	for address, test := range map[string]struct {
		err  error
		want string
	}{
		at:          {inUse, `--listen "` + at + `": another program listens there: choose another with --listen`},
		"8080":      {noPort, `--listen "8080": write :PORT or HOST:PORT, such as :8080`},
		":80":       {syscall.EACCES, `--listen ":80": only root may listen at a port below 1024: choose another with --listen`},
		"1.2.3.4:1": {syscall.EADDRNOTAVAIL, `--listen "1.2.3.4:1": this machine has no such address: choose another with --listen`},
		":x":        {errors.New("odd"), `--listen ":x": odd`},
	} {
		if got := Listening(address, "--listen", test.err); got.Error() != test.want {
			t.Errorf("got  %v\nwant %s", got, test.want)
		}
	}
}
