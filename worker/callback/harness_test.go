package callback_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// inBubble runs a test in a bubble, where time passes only when everybody waits.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// handler returns the one handler of a test.
func handler(handle func(context.Context, events.Event) error) []worker.Handler {
	return []worker.Handler{{Name: "test", Handle: handle, Retry: worker.Retry{Tries: 1}}}
}

func succeed(context.Context, events.Event) error { return nil }

var errTest = errors.New("it broke")

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// A counter counts the runs of each file.
type counter struct {
	mu   sync.Mutex
	runs map[string]int
}

func (c *counter) add(e events.Event) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs == nil {
		c.runs = map[string]int{}
	}
	c.runs[e.FileID()]++
	return c.runs[e.FileID()]
}

func (c *counter) of(file string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runs[file]
}

func (c *counter) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.runs)
}

// uploaded is the body of a callback; deletedFile that of an event which can repeat.
func uploaded(file string) string {
	return fmt.Sprintf(`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":%q}}`, file)
}

func deletedFile(file string) string {
	return fmt.Sprintf(`{"EventType":"FileDeleted","FileDeleteEvent":{"FileIdSet":[%q]}}`, file)
}

// signed is body with a signature that ends at t.
func signed(body, key, t string) string {
	sum := md5.Sum([]byte(key + t))
	return fmt.Sprintf(`{"Sign":%q,"T":%s,%s`, hex.EncodeToString(sum[:]), t, body[1:])
}

// failing fails the first n times that it is called for a file, and takes d each time.
func failing(n int, d time.Duration, count *counter) worker.Handler {
	return worker.Handler{Name: "failing", Retry: worker.Retry{Tries: 1}, Handle: func(ctx context.Context, e events.Event) error {
		runs := count.add(e)
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return ctx.Err()
		}
		if runs <= n {
			return errTest
		}
		return nil
	}}
}

// always is more often than anybody tries.
const always = 1 << 30

var errDisk = errors.New("the disk is full")

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// A lockedBuffer is a log that several goroutines write to.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
	before func() // each line; may be nil
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	if b.before != nil {
		b.before()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func (b *lockedBuffer) logger() zerolog.Logger { return zerolog.New(b) }
