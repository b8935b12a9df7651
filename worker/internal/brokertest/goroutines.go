package brokertest

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// A snapshot has the goroutines that there were, by their IDs. Each connection of a client has one at least.
type snapshot map[string]string

func goroutines() snapshot {
	all := snapshot{}
	buffer := make([]byte, 16<<20)
	for stack := range strings.SplitSeq(string(buffer[:runtime.Stack(buffer, true)]), "\n\n") {
		id, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		all[id] = stack
	}
	return all
}

// left returns an error unless all goroutines end that were not there before. It waits a little for those that do.
func (s snapshot) left() error {
	var left []string
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		left = left[:0]
		for id, stack := range goroutines() {
			if _, was := s[id]; !was {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d goroutines are left:\n\n%s", len(left), strings.Join(left, "\n\n"))
		}
	}
}
