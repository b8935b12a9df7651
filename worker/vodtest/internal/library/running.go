package library

import (
	"container/heap"
	"time"
)

// begin makes a task take its steps within a time; of none all are taken at once.
func (l *Library) begin(t *task, now time.Time, takes time.Duration) {
	t.status, t.began, t.takes = processing, now, max(takes, 0)
	if t.procedure != nil { // VOD works on all its parts at once
		for _, r := range t.procedure.runs {
			r.begin(now)
		}
	}
	t.next = t.due()
	heap.Push(&l.running, t)
}

// due returns when the next step is.
func (t *task) due() time.Time {
	return t.began.Add(t.takes * time.Duration(t.taken+1) / time.Duration(len(t.steps)))
}

// step takes the next step of a task that runs.
func (l *Library) step(t *task) {
	now := t.next
	t.taken++
	last := t.taken == len(t.steps)
	if last { // which tells that it is over
		t.status, t.ended = finished, now
		heap.Remove(&l.running, t.place)
	}
	t.steps[t.taken-1](now)
	if !last {
		t.next = t.due()
		heap.Fix(&l.running, t.place)
	}
}

// A taskHeap has the tasks by when they are next due.
type taskHeap []*task

func (h taskHeap) Len() int { return len(h) }
func (h taskHeap) Less(i, j int) bool {
	return h[i].next.Before(h[j].next) || h[i].next.Equal(h[j].next) && h[i].number < h[j].number
}
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i]; h[i].place, h[j].place = i, j }

func (h *taskHeap) Push(x any) {
	t := x.(*task)
	t.place = len(*h)
	*h = append(*h, t)
}

func (h *taskHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

var _ heap.Interface = (*taskHeap)(nil)
