package usage

import (
	"testing"
	"time"
)

func TestACertificateIsToBeRenewedTwoWeeksBeforeItsEnd(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for ends, want := range map[time.Time]string{
		{}:                    "",
		now.AddDate(0, 0, 15): "",
		now.AddDate(0, 0, 13): "the certificate of callback.tls.cert_file ends at 2026-01-14T00:00:00Z; renew it, or VOD can't post any more",
	} {
		if got := Ending("callback.tls.cert_file", "VOD can't post any more", ends, now); got != want {
			t.Errorf("%v: %q, want %q", ends, got, want)
		}
	}
}
