package leak

import (
	"strings"
	"testing"
)

func TestAGoroutineThatIsLeftIsFound(t *testing.T) {
	if left := leftovers(); len(left) > 0 {
		t.Fatalf("some are left already: %s", left)
	}
	block := make(chan struct{})
	go func() { <-block }()
	left := leftovers()
	close(block)
	if len(left) != 1 || !strings.Contains(left[0], "TestAGoroutineThatIsLeftIsFound") {
		t.Errorf("found %d: %s", len(left), left)
	}
}

type tests int

func (code tests) Run() int { return int(code) }

func TestTheTestsExitCodeIsKept(t *testing.T) {
	if code := Check(tests(3)); code != 3 {
		t.Errorf("exit code %d", code)
	}
}
