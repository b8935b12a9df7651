package worker

import (
	"fmt"
	"testing"
	"time"
)

func TestTwoDeliveriesOfAnEventAreRememberedTogether(t *testing.T) {
	m := newMemory()
	end := time.Unix(1000, 0)
	m.remember("key", []string{"a"}, end)
	m.remember("key", []string{"b", "a"}, end.Add(time.Second))
	if got := m.recall("key", end); got != nil {
		t.Errorf("recalled %v for a delivery that was pulled within the later lease", got)
	}
	if got := fmt.Sprint(m.recall("key", end.Add(time.Second))); got != "[a b]" {
		t.Errorf("recalled %v", got)
	}
	if !m.empty() {
		t.Error("it is not forgotten when it was used")
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	m := newMemory()
	for i := range memoryEvents + 5 {
		m.remember(fmt.Sprint(i), []string{"a"}, time.Unix(int64(i), 0))
	}
	if len(m.events) != memoryEvents || m.order.Len() != memoryEvents {
		t.Errorf("%d events, %d in order", len(m.events), m.order.Len())
	}
	if m.events["4"] != nil || m.events["5"] == nil {
		t.Error("it is not the oldest that are forgotten")
	}
	m.expire(time.Unix(memoryEvents+4, 0).Add(memoryTime))
	if !m.empty() {
		t.Errorf("%d are left ten minutes after the last lease", len(m.events))
	}
}
