package memory

import (
	"fmt"
	"testing"
	"time"
)

func TestTwoDeliveriesOfAnEventAreRememberedTogether(t *testing.T) {
	m := New(30 * time.Second)
	end := time.Unix(1000, 0)
	m.Remember("key", []string{"a"}, end, end)
	m.Remember("key", []string{"b", "a"}, end.Add(time.Second), end)
	if got := m.Recall("key", end); got != nil {
		t.Errorf("recalled %v for a delivery that was pulled within the later lease", got)
	}
	if got := fmt.Sprint(m.Recall("key", end.Add(time.Second))); got != "[a b]" {
		t.Errorf("recalled %v", got)
	}
	if !m.Empty() {
		t.Error("it is not forgotten when it was used")
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	m := New(30 * time.Second)
	for i := range memoryEvents + 5 {
		m.Remember(fmt.Sprint(i), []string{"a"}, time.Unix(int64(i), 0), time.Unix(0, 0))
	}
	if len(m.events) != memoryEvents || m.order.Len() != memoryEvents {
		t.Errorf("%d events, %d in order", len(m.events), m.order.Len())
	}
	if m.events["4"] != nil || m.events["5"] == nil {
		t.Error("it is not the oldest that are forgotten")
	}
	m.Expire(time.Unix(memoryEvents+4, 0).Add(memoryTime))
	if !m.Empty() {
		t.Errorf("%d are left ten minutes after the last lease", len(m.events))
	}
}
