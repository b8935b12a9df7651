// Package leak finds goroutines that tests leave behind. Tests in a synctest bubble need no help with that, those that
// use sockets do.
package leak

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// patience is how long what is being closed may take to end.
const patience = 5 * time.Second

// Check runs the tests of a package, m is a *testing.M, and then waits until no goroutine of ours or of net/http is left.
// It returns the exit code: that of the tests, or 1 if some are left.
func Check(m interface{ Run() int }) int {
	code := m.Run()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var left []string
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if left = leftovers(); len(left) == 0 {
			return code
		}
	}
	fmt.Fprintf(os.Stderr, "%d goroutines are left:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
	return 1
}

// leftovers returns the stacks of all goroutines but the one that asks, and those that the runtime and the test
// framework keep.
func leftovers() (left []string) {
	buffer := make([]byte, 4<<20)
	stacks := strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n")
	for _, stack := range stacks[1:] {
		if !strings.Contains(stack, "os/signal.") && !strings.Contains(stack, "testing.") {
			left = append(left, stack)
		}
	}
	return left
}
