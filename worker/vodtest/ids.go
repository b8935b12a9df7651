package vodtest

import (
	"fmt"
	"strconv"
	"sync/atomic"
)

// ids makes identifiers that look like VOD's. No two are alike, and an emulator makes the same ones in each run.
type ids struct{ made atomic.Uint64 }

// handle returns an EventHandle. It belongs to one delivery in one queue.
func (s *ids) handle() string { return fmt.Sprintf("tdmq%020d", s.next()) }

// file returns a FileId: decimal digits that often fit no int64, like VOD's.
func (s *ids) file() string { return strconv.FormatUint(s.next(), 10) }

// task returns a TaskId. kind is what the task does, such as Procedure.
func (s *ids) task(subAppID uint64, kind string) string {
	return fmt.Sprintf("%d-%s-%016x%016xt0", subAppID, kind, s.next(), s.next())
}

// request returns a RequestId.
func (s *ids) request() string {
	high, low := s.next(), s.next()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}

// next scrambles a counter, one to one (it is SplitMix64), so that nobody comes to rely on an order.
func (s *ids) next() uint64 {
	return scramble(s.made.Add(1) * 0x9e3779b97f4a7c15)
}

func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
