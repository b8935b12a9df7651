package events_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/vodworker/vodworker/events"
)

// largeEvent is a ProcedureStateChanged as it comes over the wire: about 4 KB without white space, with every payload
// key that it does not use as null.
func largeEvent(tb testing.TB, handle string) []byte {
	tb.Helper()
	content := compact(tb, fixture(tb, events.ProcedureStateChanged).Raw)
	for _, key := range payloadKeys() {
		if !gjson.GetBytes(content, key).Exists() {
			content = fmt.Appendf(content[:len(content)-1], `,%q:null}`, key)
		}
	}
	results := gjson.GetBytes(content, "ProcedureStateChangeEvent.MediaProcessResultSet").Array()
	for _, result := range results[1:] {
		if len(content) < 4600 {
			break
		}
		content = replace(tb, content, ","+result.Raw, "")
	}
	return withHandle(content, handle)
}

func BenchmarkSplit(b *testing.B) {
	const batch = 16
	set := []byte{'['}
	for i := range batch {
		if i > 0 {
			set = append(set, ',')
		}
		set = append(set, largeEvent(b, fmt.Sprintf("tdmq8308948305104957%06d", i))...)
	}
	set = append(set, ']')

	b.ReportAllocs()
	b.SetBytes(int64(len(set)))
	for b.Loop() {
		if split := events.Split(set); len(split) != batch {
			b.Fatalf("%d events", len(split))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/event")
	b.ReportMetric(testing.AllocsPerRun(10, func() { events.Split(set) })/batch, "allocs/event")
}

func BenchmarkBody(b *testing.B)   { benchmark(b, func(e events.Event) int { return len(e.Body()) }) }
func BenchmarkID(b *testing.B)     { benchmark(b, func(e events.Event) int { return len(e.ID()) }) }
func BenchmarkFileID(b *testing.B) { benchmark(b, func(e events.Event) int { return len(e.FileID()) }) }
func BenchmarkTaskID(b *testing.B) { benchmark(b, func(e events.Event) int { return len(e.TaskID()) }) }

func benchmark(b *testing.B, work func(events.Event) int) {
	e := decode(b, largeEvent(b, "tdmq830894830510495700"))
	b.ReportAllocs()
	b.SetBytes(int64(len(e.Raw)))
	for b.Loop() {
		if work(e) == 0 {
			b.Fatal("nothing came of it")
		}
	}
}

// BenchmarkKey reports too what share a Key takes of the time of decoding the same event into any.
func BenchmarkKey(b *testing.B) {
	benchmark(b, func(e events.Event) int { return len(e.Key()) })
	e := decode(b, largeEvent(b, "tdmq830894830510495700"))
	shares := make([]float64, 51)
	for i := range shares { // by turns, and the median of them, for what else runs to count little
		key := took(func() { e.Key() })
		decoding := took(func() {
			var value any
			_ = json.Unmarshal(e.Raw, &value)
		})
		shares[i] = float64(key) / float64(decoding)
	}
	slices.Sort(shares)
	b.ReportMetric(shares[len(shares)/2], "of-decoding")
}

// took returns how long work takes a hundred times.
func took(work func()) time.Duration {
	start := time.Now()
	for range 100 {
		work()
	}
	return time.Since(start)
}
