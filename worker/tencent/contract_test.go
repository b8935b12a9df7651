package tencent_test

import (
	"net/http"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/pipe"
	"github.com/vodworker/vodworker/worker/internal/sourcetest"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestTheSourceKeepsItsContract(t *testing.T) {
	sourcetest.Run(t, func(e *vodtest.Emulator, subAppID uint64) (worker.Source, func()) {
		source, err := tencent.New(tencent.Options{
			Endpoint:    "http://vod.example.com",
			SubAppID:    subAppID,
			Credentials: &tencent.Credentials{SecretID: vodtest.DefaultSecretID, SecretKey: vodtest.DefaultSecretKey},
		})
		if err != nil {
			panic(err) // of these options
		}
		listener := pipe.Listen()
		server := &http.Server{Handler: e}
		go func() { _ = server.Serve(listener) }()
		tencent.DialWith(source, listener.Dial)
		return source, func() {
			_ = source.Close()
			_ = server.Close()
		}
	})
}
