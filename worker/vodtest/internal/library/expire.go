package library

import (
	"cmp"
	"container/heap"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// never is the ExpireTime of a file that stays.
const never = "9999-12-31T23:59:59Z"

// forever is the time that never stands for.
var forever = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// An expiry is when a file expires.
type expiry struct {
	at    time.Time // zero if it stays
	place int       // in the heap of those that do not
}

// end returns when a file expires, as its ExpireTime says.
func (e expiry) end() time.Time {
	if e.at.IsZero() {
		return forever
	}
	return e.at
}

// readExpiry reads an ExpireTime. The zero time is that of a file that stays.
func readExpiry(text string, now time.Time) (time.Time, error) {
	at, err := readTime(text)
	if err != nil {
		return at, api.Refuse("InvalidParameterValue.ExpireTime", "ExpireTime is %.60q; %v", text, err)
	}
	if !at.Before(forever) {
		return time.Time{}, nil
	}
	if !at.After(now) {
		return at, api.Refuse("InvalidParameterValue.ExpireTime", "ExpireTime is %.60q, which is over", text)
	}
	return at, nil
}

// setExpiry makes a file expire, or stay if the time is zero.
func (l *Library) setExpiry(m *media, at time.Time) {
	l.keep(m)
	m.expires.at = at
	m.basic.ExpireTime = format(m.expires.end())
	if !at.IsZero() {
		heap.Push(&l.expiring, m)
	}
}

// keep makes a file not expire.
func (l *Library) keep(m *media) {
	if !m.expires.at.IsZero() {
		heap.Remove(&l.expiring, m.expires.place)
		m.expires.at = time.Time{}
	}
}

// expire deletes what has expired.
func (l *Library) expire(now time.Time) {
	for len(l.expiring) > 0 && !l.expiring[0].expires.at.After(now) {
		m := l.expiring[0]
		l.Delete(m.id, m.expires.at)
	}
}

// An expiryHeap has the media that expire, the next one first, and of several the oldest.
type expiryHeap []*media

func (h expiryHeap) Len() int { return len(h) }
func (h expiryHeap) Less(i, j int) bool {
	return cmp.Or(h[i].expires.at.Compare(h[j].expires.at), cmp.Compare(h[i].number, h[j].number)) < 0
}
func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].expires.place, h[j].expires.place = i, j
}

func (h *expiryHeap) Push(x any) {
	m := x.(*media)
	m.expires.place = len(*h)
	*h = append(*h, m)
}

func (h *expiryHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
