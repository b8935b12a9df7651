package bench

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

var (
	shareReplicas = flag.String("share.replicas", "", "how many processes share a quota, such as 2,5,20; empty: TestShare is skipped")
	shareSeconds  = flag.Int("share.seconds", 180, "how long they are looked at; with less than 180 all is as much shorter, and not judged")
)

// TestShare prints a table of how processes share the quota of an account. It fails if something did not work, and not for the
// shares. Its tests run side by side as -parallel says.
func TestShare(t *testing.T) {
	if *shareReplicas == "" {
		t.Skip("make share runs it")
	}
	if _, err := os.Stat(*binary); err != nil {
		t.Fatalf("%v; make build builds it", err)
	}
	fmt.Printf("%-38s %6s %7s %15s %13s %6s %5s %9s %8s %7s\n", "vodworker, 20 ms away",
		"quota", "events", "calls refused", "shares", "joined", "again", "CPU/event", "emulator", "machine")
	t.Cleanup(func() {
		fmt.Print("  quota: pulls that were admitted, of 100 a second; events: confirmed, of 1,600; refused: of the pulls, of the confirms;\n",
			"  shares: of pulls, as parts of a fair one; joined: that of the last one a minute later; again: events handed out twice;\n",
			"  machine: how busy it was, with all that runs on it. Near 100 % it was the limit.\n")
	})
	for kind, name := range []string{"window", "sliding", "bucket"} {
		t.Run(name, func(t *testing.T) {
			scenario := func(what string, run func(*replicas) row) {
				t.Run(what, func(t *testing.T) {
					t.Parallel()
					r := openAccount(t, vodtest.QuotaKind(kind))
					row := run(r)
					r.end()
					row.print(name+": "+what, r)
				})
			}
			for text := range strings.SplitSeq(*shareReplicas, ",") {
				n, err := strconv.Atoi(text)
				if err != nil || n < 1 {
					t.Fatalf("-share.replicas %q: these are numbers, such as 2,5,20", *shareReplicas)
				}
				scenario(text+" started together", func(r *replicas) row { return sharing(r, n, 0) })
				scenario(text+" started one by one", func(r *replicas) row { return sharing(r, n, 3*time.Second) })
			}
			scenario("one, 15 s after a neighbour", afterNeighbour)
			scenario("one of 5, 15 s after the others", afterOthers)
			scenario("a rolling update of 5", rollingUpdate)
		})
	}
}

// scaled is how long something takes when all is shorter.
func scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * min(1, float64(*shareSeconds)/180))
}

func sharing(r *replicas, n int, apart time.Duration) row {
	for range n - 1 {
		r.join()
		time.Sleep(scaled(apart))
	}
	last := r.join()
	time.Sleep(scaled(30 * time.Second))
	from, machine := r.look(), busy()
	time.Sleep(scaled(30 * time.Second))
	minute := r.during(scaled(20 * time.Second))
	all := r.since(from, machine, time.Duration(*shareSeconds)*time.Second)

	shown := row{span: all, n: n, least: 0.92, mostRefused: 0.03, joined: minute.share(last, n), leastShare: math.Inf(1)}
	if n > 5 {
		shown.mostRefused = 0.13
	}
	for _, one := range r.running {
		share := all.share(one, n)
		shown.leastShare, shown.mostShare = min(shown.leastShare, share), max(shown.mostShare, share)
	}
	return shown
}

// afterNeighbour is about one that shares for a while with somebody who calls as often as they can.
func afterNeighbour(r *replicas) row {
	r.join()
	time.Sleep(scaled(20 * time.Second))
	other := start(r.tb, "neighbour", as("neighbour", neighbourOptions{Endpoint: r.account.url}))
	time.Sleep(scaled(10 * time.Second))
	other.stop(r.tb)
	if c := r.look().Calls[vodtest.DefaultSecretID]; c.Pulls == 0 || c.Confirms == 0 {
		r.tb.Errorf("the neighbour has had %d pulls and %d confirms", c.Pulls, c.Confirms)
	}
	return back(r)
}

// afterOthers is about one of five when the others end.
func afterOthers(r *replicas) row {
	for range 5 {
		r.join()
	}
	time.Sleep(scaled(time.Minute))
	r.leave(4)
	return back(r)
}

// back is about one that is alone again, from 15 s after that on.
func back(r *replicas) row {
	time.Sleep(scaled(15 * time.Second))
	return row{span: r.during(scaled(15 * time.Second)), least: 0.97}
}

// rollingUpdate replaces five, one after the other: one more starts, and when it pulls an old one is told to end.
func rollingUpdate(r *replicas) row {
	for range 5 {
		r.join()
	}
	time.Sleep(scaled(time.Minute))
	from, machine := r.look(), busy()
	for i := range 5 {
		r.ready(r.join())
		r.leave(1)
		time.Sleep(time.Until(from.At.Add(scaled(time.Duration(i+1) * 15 * time.Second))))
	}
	return row{span: r.since(from, machine, scaled(75*time.Second)), least: 0.9}
}

// A row is what is shown of a scenario. What is 0 is not shown, and not judged.
type row struct {
	span
	n                     int
	least                 float64 // that is to be used, of the quota and of the events
	mostRefused           float64 // of the calls
	leastShare, mostShare float64
	joined                float64 // the share of the last one, from a minute after it has started
}

func (s row) print(name string, r *replicas) {
	all := s.all()
	pulls, confirms := part(all.PullsRefused, all.Pulls), part(all.ConfirmsRefused, all.Confirms)
	shares, joined := "", ""
	if s.n > 0 {
		shares, joined = fmt.Sprintf("%.2f to %.2f", s.leastShare, s.mostShare), fmt.Sprintf("%.2f", s.joined)
	}
	missed := ""
	for _, budget := range []struct {
		what string
		kept bool
	}{
		{"quota", s.used() >= s.least},
		{"events", s.handled() >= s.least},
		{"refused", s.mostRefused == 0 || pulls <= s.mostRefused && confirms <= s.mostRefused},
		{"shares", s.n == 0 || s.leastShare >= 0.75 && s.mostShare <= 1.25},
		{"joined", s.n == 0 || s.joined >= 1/1.5 && s.joined <= 1.5},
		{"again", r.again == 0},
	} {
		if !budget.kept && *shareSeconds >= 180 {
			missed += " MISSED " + budget.what
		}
	}
	fmt.Printf("%-38s %4.1f %% %5.1f %% %5.1f %%, %4.1f %% %13s %6s %5d %6.0f µs %3.2f cores %4.0f %%%s\n", name,
		100*s.used(), 100*s.handled(), 100*pulls, 100*confirms, shares, joined, r.again,
		microseconds(r.cpu)/float64(r.handled.Load()), (s.to.CPU-s.from.CPU).Seconds()/s.seconds(), 100*s.busy, missed)
}

// part returns which part of the calls were refused.
func part(refused, admitted int) float64 { return float64(refused) / float64(max(1, refused+admitted)) }
