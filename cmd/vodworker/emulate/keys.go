package emulate

import (
	"fmt"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// issue makes the temporary keys of --temporary-key.
func (o *Options) issue(emulator *vodtest.Emulator) (keys []vodtest.Key, err error) {
	for _, text := range o.temporary {
		ttl, err := time.ParseDuration(text)
		if err != nil || ttl <= 0 {
			return nil, usage.Mistaken(fmt.Errorf("--temporary-key %q: it must be how long the key is good for, such as 1h, "+
				"and more than 0", text))
		}
		keys = append(keys, emulator.Issue(ttl))
	}
	return keys, nil
}
