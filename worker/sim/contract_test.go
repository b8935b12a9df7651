package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/internal/emulated"
	"github.com/vodworker/vodworker/worker/internal/sourcetest"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// What the simulation proves of the engine holds only if its Source, while nothing goes wrong, is one.
func TestTheSimulatedNetworkKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, func(e *vodtest.Emulator, subAppID uint64) (worker.Source, func()) {
		alive := &life{world: &world{plan: &plan{}, begin: time.Now()}, calls: map[string]int{}}
		alive.death, alive.die = context.WithCancel(context.Background())
		return network{alive, emulated.Queue{Emulator: e, SubAppID: subAppID}}, alive.die
	})
}
