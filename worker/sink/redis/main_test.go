package redis_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/vodworker/vodworker/worker/vodtest/leak"
)

func TestMain(m *testing.M) {
	goredis.SetLogger(&clientSays)
	os.Exit(leak.Check(m))
}

// clientSays is what go-redis would write to stderr.
var clientSays lines

type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Printf(_ context.Context, format string, a ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, fmt.Sprintf(format, a...))
}

// take returns what was said since the last call.
func (l *lines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	return all
}
