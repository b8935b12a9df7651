package front

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Why a client cannot connect.
var (
	ErrUntrusted = errors.New("a client does not trust the authority, it seems")
	ErrEnded     = errors.New("the certificates have ended")
	ErrForeign   = errors.New("a client asks for what is not the emulator's")
	ErrNoProxy   = errors.New("a client takes it for a proxy, and it is none")
	ErrHandshake = errors.New("a client has broken off")
)

// alerts are what clients say that do not trust a certificate, as crypto/tls writes it.
var alerts = []string{
	"remote error: tls: unknown certificate authority", "remote error: tls: bad certificate",
	"remote error: tls: unknown certificate", "remote error: tls: unsupported certificate",
	"local error: tls: bad record MAC", // an OpenSSL says it before it has the keys to say it
}

// tell reports why a handshake has failed.
func (s *Server) tell(err error) {
	cause := ErrHandshake
	switch text := err.Error(); {
	case errors.Is(err, errForeignName):
		cause = ErrForeign
	case time.Now().After(s.Authority.Ends()):
		cause = ErrEnded
	case errors.Is(err, io.EOF), slices.ContainsFunc(alerts, func(alert string) bool { return strings.HasPrefix(text, alert) }):
		cause = ErrUntrusted // Node.js says nothing, and leaves
	}
	s.report(fmt.Errorf("%w: %w", cause, err))
}

func (s *Server) report(err error) {
	if s.OnError != nil {
		s.OnError(err)
	}
}
