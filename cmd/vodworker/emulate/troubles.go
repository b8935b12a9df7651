package emulate

import (
	"errors"
	"sync"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/worker/vodtest/front"
)

// advice is what to do about clients that cannot connect.
var advice = []struct {
	cause error
	each  bool // host that is asked for is told: each is to be mended
	do    string
}{
	{front.ErrUntrusted, false, "a client does not trust the emulator's certificate: set the variables that were printed " +
		"at the start"},
	{front.ErrEnded, false, "the emulator's certificates have ended: start it again, and then its clients"},
	{front.ErrForeign, true, "refused, here is the emulator alone: name other hosts in NO_PROXY, and its own names with --host"},
	{front.ErrNoProxy, false, "the emulator is a proxy only with --tls, on a loopback address: start it so"},
	{front.ErrHandshake, false, "a client has broken off before it was connected: it must speak TLS 1.2 or 1.3"},
}

const mostTroubles = 20 // that are logged: hosts are a client's to choose

// troubles logs why clients cannot connect, once for each cause, or host: they try again.
func troubles(log zerolog.Logger) func(error) {
	var mu sync.Mutex
	told := map[string]bool{}
	first := func(trouble string) bool {
		mu.Lock()
		defer mu.Unlock()
		if told[trouble] || len(told) == mostTroubles {
			return false
		}
		told[trouble] = true
		return true
	}
	return func(err error) {
		for _, a := range advice {
			trouble := a.cause.Error()
			if a.each {
				trouble = err.Error()
			}
			if errors.Is(err, a.cause) && first(trouble) {
				log.Warn().Err(err).Msg(a.do)
			}
		}
	}
}
