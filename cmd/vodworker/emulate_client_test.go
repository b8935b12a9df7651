package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/console"
)

// late is why a url.Error says that the time was over.
type late struct{ error }

func (late) Timeout() bool { return true }

func TestAnAdvanceThatStopsOnItsWaySaysWhatToDo(t *testing.T) {
	for _, test := range []struct {
		err  error
		code int
		want string
	}{
		{&console.Error{Message: "the clock was reset meanwhile", Status: 503}, exitUnavailable, "was reset meanwhile: AheadMs in"},
		{&url.Error{Op: "Post", Err: late{io.EOF}}, exitUnavailable, "after 2 min, as when many receivers of callbacks do not answer"},
		{&console.Error{Message: "it can be ahead by 10 years at most", Status: 400}, exitUsage, "10 years at most"},
		{&url.Error{Op: "Post", Err: io.EOF}, exitUnavailable, "start an emulator with 'vodworker emulate'"},
	} {
		got := advanceError(test.err)
		if exitCode(got) != test.code || !strings.Contains(got.Error(), test.want) {
			t.Errorf("%v: exit code %d, %v, want %d, %s", test.err, exitCode(got), got, test.code, test.want)
		}
	}
	if advanceError(nil) != nil {
		t.Error("success is an error")
	}
}

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
		{&url.Error{Op: "Get", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, exitUnavailable,
			"set SSL_CERT_FILE to the emulator's authority.pem"},
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
