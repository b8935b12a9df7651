package console

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestAnEmulatorThatServesIsHealthyAndNothingElseIs(t *testing.T) {
	answers := func(body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	}
	e := vodtest.New(vodtest.Config{})
	for name, test := range map[string]struct {
		serves http.Handler
		ok     bool
	}{
		"an emulator":         {Handler(e, Options{}), true},
		"a later version":     {answers(`{"Status":"ok","New":1}`), true},
		"the API alone":       {e, false},
		"another one's":       {answers(`{"Status":"up"}`), false},
		"a web server":        {answers(`ok`), false},
		"a server of nothing": {http.NotFoundHandler(), false},
	} {
		t.Run(name, func(t *testing.T) {
			called(t, "http://localhost:9266", test.serves, func(t *testing.T, c *Client) {
				err := c.Health(t.Context())
				if _, refused := errors.AsType[*Error](err); refused == test.ok || (err == nil) != test.ok {
					t.Errorf("it is answered %v", err)
				}
			})
		})
	}
}
