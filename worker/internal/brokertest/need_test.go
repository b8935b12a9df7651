package brokertest

import "testing"

// Whoever has no broker is not held up by their tests.
func TestATestThatNeedsABrokerIsSkipped(t *testing.T) {
	if *want {
		t.Skip("brokers are asked for")
	}
	t.Run("skipped", func(t *testing.T) {
		defer func() {
			if !t.Skipped() {
				t.Error("it was not skipped")
			}
		}()
		Need(t, "no-such-program")
	})
}

func TestAServerOfTheToolsIsBuilt(t *testing.T) {
	Need(t)
	out, err := output(NATSServer(t), "--version")
	if err != nil || out != "nats-server: v2.15.2" {
		t.Errorf("%s, %v", out, err)
	}
}
