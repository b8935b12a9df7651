package redis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink/redis"
)

// waits has the server answer WAIT with that.
func (f *fake) waits(answer string) (over func()) {
	return f.answers(func(c []string) string {
		if c[0] == "wait" {
			return answer
		}
		return ""
	})
}

func TestFewerReplicasThanAskedForAcceptNothing(t *testing.T) {
	f := newFake(t)
	to := closing(t, redis.Options{URL: f.url(), Replicas: 2})
	for _, have := range []int{0, 1, 2} {
		over := f.waits(fmt.Sprintf(":%d", have))
		for _, err := range to.Together(t.Context(), upload(1), upload(2)) {
			if accepted := err == nil; accepted != (have == 2) || !accepted && !worker.IsUnreachable(err) {
				t.Errorf("%d of 2 replicas have it: %v", have, err)
			}
		}
		over()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.count("XADD"); n != 2 {
		t.Errorf("%d were added, want those that count", n)
	}
}

// It would lie there once more for each try.
func TestAnEventThatCannotCountIsNotAddedAgain(t *testing.T) {
	for _, answer := range []string{":0", "-ERR unknown command 'wait'", "-NOPERM no"} {
		f := newFake(t)
		to := closing(t, redis.Options{URL: f.url(), Replicas: 1})
		if err := to.Handle(t.Context(), upload(1)); err != nil {
			t.Fatal(err)
		}
		over := f.waits(answer)
		for try, want := range []string{"it is added, but", "not added", "not added"} {
			if err := to.Handle(t.Context(), upload(2)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, try %d: %v, want %s in it", answer, try+1, err, want)
			}
		}
		over()
		if err := to.Handle(t.Context(), upload(2)); err != nil {
			t.Error(err)
		}
		f.mu.Lock()
		if n := len(f.entries); n != 3 {
			t.Errorf("%s: %d entries, want the first, and the second twice", answer, n)
		}
		f.mu.Unlock()
	}
}
