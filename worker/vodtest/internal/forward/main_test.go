package forward

import (
	"os"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Check(m)) }
