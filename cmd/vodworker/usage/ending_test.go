package usage

import (
	"testing"
	"time"
)

func TestACertificateIsToBeRenewedTwoWeeksBeforeItsEnd(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const key, after = "callback.tls.cert_file", "VOD can't post any more"
	for ends, want := range map[time.Time]string{
		{}:                    "",
		now.AddDate(0, 0, 15): "",
		now.AddDate(0, 0, -1): "the certificate of callback.tls.cert_file ended at 2025-12-31T00:00:00Z; renew it, since VOD can't post any more",
		now.AddDate(0, 0, 13): "the certificate of callback.tls.cert_file ends at 2026-01-14T00:00:00Z; renew it, or VOD can't post any more",
	} {
		if got := Ending(key, after, time.Time{}, ends, now); got != want {
			t.Errorf("%v: %q, want %q", ends, got, want)
		}
	}
	const early = "the certificate of callback.tls.cert_file holds only from 2026-01-02T00:00:00Z on; look at this machine's clock, " +
		"since VOD can't post any more until then"
	if got := Ending(key, after, now.AddDate(0, 0, 1), now.AddDate(1, 0, 0), now); got != early {
		t.Errorf("%q, want %q", got, early)
	}
}
