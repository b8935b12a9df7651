package memlimit

import (
	"errors"
	"math"
	"os"
	"runtime/debug"
	"testing"
)

func TestTheMemoryIsSharedOut(t *testing.T) {
	const most, mib = math.MaxInt64, 1 << 20
	tests := map[string]struct {
		configured, container int64 // in MiB; 0: none
		runsPrograms          bool
		kept                  int64
		bodies                int
	}{
		"no limit":                {kept: most, bodies: 64 * mib},
		"a container":             {container: 400, kept: 360 * mib, bodies: 90 * mib},
		"a container of programs": {container: 400, runsPrograms: true, kept: 200 * mib, bodies: 50 * mib},
		"configured":              {configured: 200, container: 400, kept: 180 * mib, bodies: 45 * mib},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			without(t, "GOMEMLIMIT")
			bodies := limit(test.configured*mib, test.runsPrograms, container(test.container*mib))
			if kept := debug.SetMemoryLimit(-1); kept != test.kept || bodies != test.bodies {
				t.Errorf("kept %d, bodies %d; want %d, %d", kept, bodies, test.kept, test.bodies)
			}
		})
	}
}

func TestGOMEMLIMITHasTheLastWord(t *testing.T) {
	without(t, "GOMEMLIMIT")
	t.Setenv("GOMEMLIMIT", "100MiB")
	debug.SetMemoryLimit(100 << 20) // as the runtime does at the start
	bodies := limit(200<<20, true, container(400<<20))
	if kept := debug.SetMemoryLimit(-1); kept != 100<<20 || bodies != 25<<20 {
		t.Errorf("kept %d, bodies %d", kept, bodies)
	}
}

// container is a limit; 0: it can't be told.
func container(limit int64) func() (uint64, error) {
	return func() (uint64, error) {
		if limit == 0 {
			return 0, errors.New("no usable mount")
		}
		return uint64(limit), nil
	}
}

// without unsets a variable, and sets everything back after the test.
func without(t *testing.T, name string) {
	t.Helper()
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	t.Setenv(name, "")
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
}
