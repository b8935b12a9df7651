package vodtest

import (
	"fmt"
	"strconv"
	"sync/atomic"
)

// ids makes identifiers that look like VOD's. No two of an emulator are alike. With the same seed they are the same ones in each
// run, and with another seed others.
type ids struct{ made atomic.Uint64 }

// seed chooses where the ids begin. 0 is the beginning of all.
func (s *ids) seed(seed uint64) { s.made.Store(scramble(seed * golden)) }

// handle returns an EventHandle. It belongs to one delivery in one queue.
func (s *ids) handle() string { return fmt.Sprintf("tdmq%020d", s.next()) }

// file returns a FileId: decimal digits that often fit no int64, like VOD's.
func (s *ids) file() string { return strconv.FormatUint(s.next(), 10) }

// task returns a TaskId. kind is what the task does, such as Procedure.
func (s *ids) task(subAppID uint64, kind string) string {
	return fmt.Sprintf("%d-%s-%016x%016xt0", subAppID, kind, s.next(), s.next())
}

// session returns a VodSessionKey.
func (s *ids) session() string { return fmt.Sprintf("%016x%016x%016x", s.next(), s.next(), s.next()) }

// request returns a RequestId.
func (s *ids) request() string {
	high, low := s.next(), s.next()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}

// next scrambles a counter, one to one (it is SplitMix64), so that nobody comes to rely on an order.
func (s *ids) next() uint64 {
	return scramble(s.made.Add(1) * golden)
}

const golden = 0x9e3779b97f4a7c15

func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
