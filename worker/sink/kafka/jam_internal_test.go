package kafka

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/vodworker/vodworker/worker"
)

func TestAPartitionIsFreeWhenTheLastHasAnAnswerAndMayJamAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJams()
		r := &kgo.Record{Topic: "vod", Key: []byte("1")}
		for range 2 {
			answers := []chan struct{}{make(chan struct{}), make(chan struct{})}
			for _, answer := range answers {
				j.leave(r, answer)
			}
			for i, answer := range answers {
				if err := j.wait(t.Context(), r, time.Second); !worker.IsUnreachable(err) || !j.any() {
					t.Errorf("with %d on its way: %v", len(answers)-i, err)
				}
				close(answer)
				synctest.Wait()
			}
			if err := j.wait(t.Context(), r, time.Second); err != nil || j.any() {
				t.Errorf("with none on its way: %v", err)
			}
		}
	})
}
