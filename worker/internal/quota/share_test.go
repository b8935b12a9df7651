package quota

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Those who poll with a rate of 99, all from the start or one after the other, and know nothing of each other.
func TestThoseWhoShareAQuotaGetEqualSharesOfAllOfIt(t *testing.T) {
	eachKind(t, func(t *testing.T, quota func() admitter) {
		for _, n := range []int{2, 5, 20} {
			mostRefused := 0.03
			if n == 20 {
				mostRefused = 0.13
			}
			for _, apart := range []int{0, 3} {
				t.Run(fmt.Sprintf("%d, %d s apart", n, apart), func(t *testing.T) {
					w := newWorld(uint64(n), quota())
					for i := range n {
						w.join(NewBucket(99, nil), time.Duration(i*apart)*time.Second, 0)
					}
					from := (n-1)*apart + 30
					to := from + 180
					w.run(time.Duration(to) * time.Second)

					all := w.accepted(from, to)
					var shares []float64
					refused, calls := 0, 0
					for _, c := range w.clients {
						accepted := between(c.accepted, from, to)
						shares = append(shares, float64(accepted*n)/(all*float64((to-from)*limit)))
						refused += between(c.refused, from, to)
						calls += accepted + between(c.refused, from, to)
					}
					portion := float64(refused) / float64(calls)
					least, most := slices.Min(shares), slices.Max(shares)
					t.Logf("%.1f %% of the quota, %.1f %% of the calls refused, shares from %.2f to %.2f", 100*all, 100*portion, least, most)
					if all < 0.92 {
						t.Errorf("together they have %.1f %% of the quota", 100*all)
					}
					if portion > mostRefused {
						t.Errorf("%.1f %% of the calls are refused", 100*portion)
					}
					if least < 0.75 || most > 1.25 {
						t.Errorf("they have from %.2f to %.2f of a share", least, most)
					}
					if apart == 0 {
						return
					}
					last := w.clients[n-1]
					joined := (n - 1) * apart
					minute := float64(between(last.accepted, joined+60, joined+80)*n) / (w.accepted(joined+60, joined+80) * 20 * limit)
					if minute < 1/1.5 || minute > 1.5 {
						t.Errorf("a minute after it has joined, the last one has %.2f of its share", minute)
					}
				})
			}
		}
	})
}

// Who joins begins with 99 calls a second among those who have 5. The mean of several runs, 20 s later.
func TestWhoJoinsSoonComesDownToItsShare(t *testing.T) {
	eachKind(t, func(t *testing.T, quota func() admitter) {
		const n, seeds, from, to = 20, 5, 80, 90
		share := 0.0
		for seed := range uint64(seeds) {
			w := newWorld(seed, quota())
			for range n - 1 {
				w.join(NewBucket(99, nil), 0, 0)
			}
			last := w.join(NewBucket(99, nil), time.Minute, 0)
			w.run(to * time.Second)
			share += float64(between(last.accepted, from, to)*n) / (w.accepted(from, to) * (to - from) * limit * seeds)
		}
		if share > 1.5 {
			t.Errorf("20 s after it has joined, it has %.2f of its share", share)
		}
	})
}

// A neighbour takes all that it can for ten seconds. Calls are not equally long on their way, by almost as much as a quota of 100
// has room for beside a rate of 99.
func TestTheRateIsBackSoonAfterANeighbourHasGone(t *testing.T) {
	eachKind(t, func(t *testing.T, quota func() admitter) {
		w := newWorld(1, quota())
		w.uneven = 9 * time.Millisecond
		w.join(NewBucket(99, nil), 0, 0)
		w.run(20 * time.Second)
		if alone := w.accepted(5, 20); alone < 0.985 {
			t.Errorf("alone it has %.1f %% of the quota", 100*alone)
		}
		neighbour := w.join(nil, 20*time.Second, 30*time.Second)
		w.run(60 * time.Second)
		if n := between(neighbour.accepted, 22, 30); n < 750 {
			t.Errorf("beside the neighbour, which had %d of 800 calls, it did not give way", n)
		}
		if after := w.accepted(45, 60); after < 0.97 {
			t.Errorf("%.1f %% of the quota from 15 s after the neighbour", 100*after)
		}
	})
}

// One of 20 calls goes out late, and some are on their way for longer than others, by more than there is room for. That has calls
// refused, but one each time.
func TestOneThatIsAloneKeepsItsRateThoughItsMachineIsBusy(t *testing.T) {
	eachKind(t, func(t *testing.T, quota func() admitter) {
		w := newWorld(1, quota())
		w.uneven, w.late = 15*time.Millisecond, 10*time.Millisecond
		w.join(NewBucket(99, nil), 0, 0)
		w.run(2 * time.Minute)
		if used := w.accepted(1, 120); used < 0.97 {
			t.Errorf("%.1f %% of the quota", 100*used)
		}
	})
}

func TestOneIsBackSoonAfterTheOtherFourHaveGone(t *testing.T) {
	eachKind(t, func(t *testing.T, quota func() admitter) {
		for seed := range uint64(5) {
			w := newWorld(seed, quota())
			w.uneven = 9 * time.Millisecond
			w.join(NewBucket(99, nil), 0, 0)
			for range 4 {
				w.join(NewBucket(99, nil), 0, time.Minute)
			}
			w.run(90 * time.Second)
			if after := w.accepted(75, 90); after < 0.97 {
				t.Errorf("%.1f %% of the quota from 15 s after the others", 100*after)
			}
		}
	})
}

// Five, of which one at a time is replaced: the new one starts, and 5 s later the old one ends.
func TestARollingUpdateKeepsTheQuotaUsed(t *testing.T) {
	eachKind(t, func(t *testing.T, quota func() admitter) {
		const n, each, start = 5, 15, 60
		w := newWorld(1, quota())
		for i := range n {
			replaced := time.Duration(start+i*each) * time.Second
			w.join(NewBucket(99, nil), 0, replaced+5*time.Second)
			w.join(NewBucket(99, nil), replaced, 0)
		}
		w.run((start + n*each) * time.Second)
		if used := w.accepted(start, start+n*each); used < 0.9 {
			t.Errorf("%.1f %% of the quota", 100*used)
		}
	})
}
