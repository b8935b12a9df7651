package bench

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// Replicas are processes that share an account and know nothing of each other.
type replicas struct {
	tb      testing.TB
	account server
	running []*replica
	handled atomic.Int64  // events, by all that have run
	cpu     time.Duration // of those that have ended
	again   int           // events that come a second time; known once all have ended
}

type replica struct {
	*process
	key string // its SecretId
}

func openAccount(tb testing.TB, kind vodtest.QuotaKind) *replicas {
	return &replicas{tb: tb, account: startServer(tb, "account", accountOptions{Kind: kind})}
}

// join starts a replica.
func (r *replicas) join() *replica {
	r.tb.Helper()
	var key vodtest.Key
	if err := r.account.get("/key", &key); err != nil {
		r.tb.Fatalf("ask for a key: %v", err)
	}
	cmd := toNowhere(r.tb, stage{api: r.account.url, folder: r.tb.TempDir()})
	cmd.Env = append(cmd.Env, "TENCENTCLOUD_SECRET_ID="+key.SecretID, "TENCENTCLOUD_SECRET_KEY="+key.SecretKey)
	cmd.Stdout = lines{&r.handled}
	joined := &replica{start(r.tb, fmt.Sprintf("replica %d", len(r.running)+1), cmd), key.SecretID}
	r.running = append(r.running, joined)
	return joined
}

// lines counts them.
type lines struct{ n *atomic.Int64 }

func (l lines) Write(p []byte) (int, error) {
	l.n.Add(int64(bytes.Count(p, []byte("\n"))))
	return len(p), nil
}

// ready waits until a call of a replica was admitted.
func (r *replicas) ready(joined *replica) {
	r.tb.Helper()
	for began := time.Now(); r.look().Calls[joined.key].Pulls == 0; time.Sleep(50 * ms) {
		if time.Since(began) > patience {
			r.tb.Fatalf("%s pulls nothing", joined.name)
		}
	}
}

// leave ends the first n replicas that run, all at once.
func (r *replicas) leave(n int) {
	r.tb.Helper()
	var leaving sync.WaitGroup
	ends := make([]ending, n)
	for i, leaver := range r.running[:n] {
		leaving.Go(func() { ends[i] = leaver.stop(r.tb) })
	}
	leaving.Wait()
	r.running = r.running[n:]
	for _, end := range ends {
		r.cpu += end.cpu
	}
}

func (r *replicas) look() (s snapshot) {
	r.tb.Helper()
	if err := r.account.get("/snapshot", &s); err != nil {
		r.tb.Fatalf("ask what the account has seen: %v", err)
	}
	return s
}

// during looks at what happens from now on, for so long.
func (r *replicas) during(d time.Duration) span {
	r.tb.Helper()
	return r.since(r.look(), busy(), d)
}

// since looks at what has happened since then, for so long.
func (r *replicas) since(from snapshot, machine [2]float64, d time.Duration) span {
	r.tb.Helper()
	time.Sleep(time.Until(from.At.Add(d)))
	to, now := r.look(), busy()
	return span{from, to, (now[0] - machine[0]) / max(1, now[1]-machine[1])}
}

// end ends all, and sees that nothing is lost.
func (r *replicas) end() {
	r.tb.Helper()
	r.leave(len(r.running))
	e := r.look().Events
	r.again = e.Redelivered + e.Expired + e.InFlight // what is in flight now will expire
	if e.Confirmed == 0 || int(r.handled.Load()) < e.Confirmed {
		r.tb.Errorf("%d events were confirmed, and %d handled", e.Confirmed, r.handled.Load())
	}
	r.account.stop(r.tb)
}

// busy returns how long the machine's processors have been busy, and how long there have been, in ticks. 0 is not known.
func busy() (ticks [2]float64) {
	stat, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(stat), "\n")
	for i, field := range strings.Fields(line) {
		var n float64
		_, _ = fmt.Sscan(field, &n)
		if i != 4 && i != 5 { // idle, waiting for a disk
			ticks[0] += n
		}
		ticks[1] += n
	}
	return ticks
}

// A span is what happened from one moment to another.
type span struct {
	from, to snapshot
	busy     float64 // part of the machine
}

func (s span) seconds() float64 { return s.to.At.Sub(s.from.At).Seconds() }

// of returns the calls of a replica.
func (s span) of(key string) calls {
	from, to := s.from.Calls[key], s.to.Calls[key]
	return calls{
		to.Pulls - from.Pulls, to.Confirms - from.Confirms,
		to.PullsRefused - from.PullsRefused, to.ConfirmsRefused - from.ConfirmsRefused,
	}
}

// all returns the calls of all but the neighbour.
func (s span) all() (sum calls) {
	for key := range s.to.Calls {
		if key != vodtest.DefaultSecretID {
			c := s.of(key)
			sum.Pulls += c.Pulls
			sum.Confirms += c.Confirms
			sum.PullsRefused += c.PullsRefused
			sum.ConfirmsRefused += c.ConfirmsRefused
		}
	}
	return sum
}

// used returns which part of the quota of pulls was used.
func (s span) used() float64 { return float64(s.all().Pulls) / (ceiling / 16 * s.seconds()) }

// handled returns how many events were confirmed, as a part of what the quota allows.
func (s span) handled() float64 {
	return float64(s.to.Events.Confirmed-s.from.Events.Confirmed) / (ceiling * s.seconds())
}

// share returns what a replica had of the calls that were admitted, as a part of a fair share.
func (s span) share(r *replica, n int) float64 {
	return float64(s.of(r.key).Pulls*n) / float64(s.all().Pulls)
}
