package main

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/console"
)

func TestAnErrorOfAnEmulatorsClientSaysWhatToDo(t *testing.T) {
	for _, test := range []struct {
		err  error
		code int
		want string
	}{
		{nil, exitOK, ""},
		{&console.Error{Message: "the FileId is missing", Status: 400}, exitUsage, "the FileId is missing"},
		{&console.Error{Status: 404}, exitUsage, "is no emulator of this version: name another with --emulator"},
		{&url.Error{Op: "Post", Err: io.EOF}, exitUnavailable, "start an emulator with 'vodworker emulate'"},
		{io.ErrUnexpectedEOF, exitUnavailable, "unexpected EOF"},
	} {
		got := emulatorError(test.err)
		if code := exitCode(got); code != test.code || (got == nil) != (test.err == nil) {
			t.Errorf("%v: the exit code is %d, want %d", test.err, code, test.code)
		}
		if got != nil && !strings.Contains(got.Error(), test.want) {
			t.Errorf("%v: the error is %v, want %s", test.err, got, test.want)
		}
	}
}

func TestAClosedEmulatorAnswersNobodyAndSaysWhyItHadEnded(t *testing.T) {
	emulator := vodtest.New(vodtest.Config{})
	s, err := serveEmulator(emulator, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := emulator.Pull(t.Context(), 0); err == nil || strings.Contains(err.Error(), "no event") {
		t.Errorf("a pull is answered %v", err)
	}
	if response, err := http.Get(s.url); err == nil {
		response.Body.Close()
		t.Error("somebody listens still")
	}

	broken := errors.New("accept: too many open files")
	s = &servedEmulator{emulator: emulator, server: &http.Server{}, served: make(chan error, 1)}
	s.served <- broken
	if err := s.Close(); !errors.Is(err, broken) {
		t.Errorf("Close: %v", err)
	}
}
