package emulate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestTheCommandEndsAfterItsReplay(t *testing.T) {
	name := recordingOf(t, line(10, 0, `{}`)+line(50, 0, `{}`))
	var log bytes.Buffer
	r, err := parsed(t, "--listen", "127.0.0.1:0", "--replay", name).Start(zerolog.New(&log), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.Run(ctx)
	ended, stopped := strings.Index(log.String(), "the replay was ended"), strings.Index(log.String(), `"message":"stopped"`)
	if ended < 0 || stopped < ended {
		t.Errorf("the log is %s", log.String())
	}
}

func TestTheRecordIsClosedWithTheEmulator(t *testing.T) {
	name := filepath.Join(t.TempDir(), "record.jsonl")
	r, err := parsed(t, "--listen", "127.0.0.1:0", "--record", name).Start(zerolog.Nop(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.recorder.file.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("the file is open still, and is closed with %v", err)
	}
}

func TestTheEmulatorIsNoStubOfItself(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1"} { // as it is told, and as it listens
		args := []string{"--listen", "localhost:" + port, "--forward", "http://" + host + ":" + port}
		_, err := parsed(t, args...).Start(zerolog.Nop(), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "this is the emulator's own address") {
			t.Errorf("%q is answered %v", args, err)
		}
	}
}
