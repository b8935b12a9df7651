package forward

import (
	"errors"
	"fmt"

	"github.com/vodworker/vodworker/worker/vodtest/internal/vendors"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// checkHost refuses the vendor's hosts, however they are written.
func checkHost(host string) error {
	for _, r := range host {
		if r >= 0x80 { // some of which stand for ASCII letters and dots
			return errors.New("its host must be in ASCII: write xn--… for other letters")
		}
	}
	if vendors.IsVendors(host) {
		return fmt.Errorf("its host, %s, is the vendor's: a request for a real account must not leave this machine by mistake",
			weburl.Host(host))
	}
	return nil
}
