package rabbitmq

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func TestWhatTheBrokerSaysIsShownWithoutTheUser(t *testing.T) {
	for reason, want := range map[string]string{
		"access to vhost 'x' refused for user 'y': vhost connection limit (7) is reached": "access to vhost 'x' refused: vhost connection limit (7) is reached",
		"access to vhost 'x' refused for user 'it': s': vhost 'x' is down":                "access to vhost 'x' refused: vhost 'x' is down",
		"write access to topic 't' in exchange 'vod' in vhost '/' refused for user 'y'":   "write access to topic 't' in exchange 'vod' in vhost '/' refused",
		"access to exchange 'vod' in vhost '/' refused for user 'one that is cut":         "access to exchange 'vod' in vhost '/' refused",
		"no exchange 'vod' in vhost '/'":                                                  "no exchange 'vod' in vhost '/'",
	} {
		if got := said(&amqp.Error{Code: 403, Reason: reason, Server: true}).Error(); got != "403 "+want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The client's heartbeats can't end a connection on which it is stuck in a write: they wait for the same lock.
func TestAWriteThatNobodyReadsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		defer ours.Close()
		for range 2 {
			began := time.Now()
			if _, err := (patient{ours}).Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != writeTime {
				t.Errorf("got %v after %v", err, time.Since(began))
			}
		}
	})
}
