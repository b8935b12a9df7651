package emulate

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/front"
)

func TestAClosedEmulatorAnswersNobodyAndSaysWhyItHadEnded(t *testing.T) {
	emulator := vodtest.New(vodtest.Config{})
	s, err := Serve(emulator, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := emulator.Pull(t.Context(), 0); err == nil || strings.Contains(err.Error(), "no event") {
		t.Errorf("a pull is answered %v", err)
	}
	if response, err := http.Get(s.URL); err == nil {
		response.Body.Close()
		t.Error("somebody listens still")
	}

	broken := errors.New("accept: too many open files")
	s = &Served{emulator: emulator, server: &front.Server{}, served: make(chan error, 1)}
	s.served <- broken
	if err := s.Close(); !errors.Is(err, broken) {
		t.Errorf("Close: %v", err)
	}
}
