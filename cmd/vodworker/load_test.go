package main

import (
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker/tencent"
)

// The configuration is no client of the API, and says so itself.
func TestTheDefaultEndpointIsThatOfTheClient(t *testing.T) {
	wantEqual(t, "endpoint", config.DefaultEndpoint, tencent.DefaultEndpoint)
}

// A secret_key_file: /dev/zero must not fill the memory.
func TestOfAFileThatIsTooLargeForASecretOnlyTheBeginningIsRead(t *testing.T) {
	large := write(t, "large", string(make([]byte, 10*config.MaxSecret)))
	text, err := readSecretFile(large)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "bytes", len(text), config.MaxSecret+1)
	if secret, err := readSecret(large); err == nil {
		t.Errorf("it is a secret of %d bytes", len(secret))
	}
}
