package letters_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// What this machine's disk takes, and one whose syncs take 20 ms, as a network's do.
func BenchmarkWrite(b *testing.B) {
	slow := func(file *os.File) error { time.Sleep(20 * time.Millisecond); return nil }
	for name, sync := range map[string]func(*os.File) error{"disk": (*os.File).Sync, "20ms": slow} {
		for _, writers := range []int{1, 4, 16, 64} {
			b.Run(fmt.Sprintf("%s/writers=%d", name, writers), func(b *testing.B) { benchmarkWrite(b, sync, writers) })
		}
	}
}

func benchmarkWrite(b *testing.B, syncs func(*os.File) error, writers int) {
	store := openStore(b, b.TempDir())
	store.SyncWith(syncs)
	var busy sync.WaitGroup
	numbers := make(chan int)
	for range writers {
		busy.Go(func() {
			for n := range numbers {
				write(b, store, letterOf(strings.Replace(uploadJSON, "5285890784273533167", fmt.Sprint(n), 1), "a"))
			}
		})
	}
	for n := range b.N {
		numbers <- n
	}
	close(numbers)
	busy.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}
