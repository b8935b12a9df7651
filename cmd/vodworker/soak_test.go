package main

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/letters"
)

var (
	soakFor  = flag.Duration("soak", 0, "run TestSoak, with faults for so long")
	soakSeed = flag.Uint64("soak.seed", 0, "what TestSoak's dice begin with; 0: any")
)

const (
	soakReplicas  = 3
	soakWindow    = 5 * time.Second // short, so that redeliveries are many
	soakStopGrace = 2 * time.Second
	soakLong      = 2 * time.Minute // a run of so long meets every fault
	soakRest      = 3 * time.Minute // for the queue to become empty once nothing fails any more
)

const (
	silentAPI  = "connections that were silent: API"
	silentHook = "connections that were silent: webhook"
	lockHeld   = "letters: their lock held"
)

// What a long run must meet, beside what the API and the receiver demand.
var soakDemands = []string{
	silentAPI, silentHook, lockHeld, "log: blocked", byKill + inVain, byTerm + inVain,
	"posts answered 401", "posts answered 422", "posts answered 429", "posts reset",
}

// config.yaml of all replicas. Each process has its own name in PROCESS: it travels as the region and in the path of
// what is posted, so that both sides know who calls.
const soakConfig = `
vod:
  {endpoint: "${ENDPOINT}", region: "${PROCESS}", window: 5s,
   credentials: {secret_id: "${ID}", secret_key: "${KEY}", token: "${TOKEN}"}}
worker: {stop_grace: 2s}
handlers:
  - {name: backend, retry: {tries: 2}, webhook: {url: "${HOOK}/${PROCESS}/backend"}}
  - name: index
    events: [NewFileUpload, FileDeleted]
    timeout: 2s
    webhook: {url: "${HOOK}/${PROCESS}/index"}
dead_letters: {dir: "${DEAD}", attempts: 2}
log: {level: debug, format: json}
`

// Replicas run while the API, the network, the receiver and the processes themselves fail at random. Whatever happens,
// no event is confirmed before it was handled or lies in the dead letters, none is lost, and SIGTERM ends a process well
// and in time. The seed fixes the dice, not how the scheduler deals them out: the same one runs alike, not the same.
func TestSoak(t *testing.T) {
	if *soakFor <= 0 {
		t.Skip("it takes long: run it with make soak")
	}
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	dir := t.TempDir()
	config, dead := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "dead")
	if err := os.WriteFile(config, []byte(soakConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := letters.NewDir(dead)
	if err != nil {
		t.Fatal(err)
	}
	ledger := newLedger(t, seed, store)
	ledger.demand(soakDemands...)
	stranger := httptest.NewServer(elsewhere(ledger))
	defer stranger.Close()
	api := newSoakAPI(ledger, seed, stranger.URL)
	apiServer := httptest.NewServer(api)
	defer apiServer.Close()
	apiProxy := newSoakProxy(t, apiServer.Listener.Addr().String(), func() { ledger.count(silentAPI, 1) })
	receiver := newReceiver(ledger, seed)
	hook := httptest.NewServer(receiver)
	defer hook.Close()
	hookProxy := newSoakProxy(t, hook.Listener.Addr().String(), func() { ledger.count(silentHook, 1) })
	key := api.emulator.Issue(*soakFor + time.Hour)
	env := append(os.Environ(), "ENDPOINT=http://"+apiProxy.address, "HOOK=http://"+hookProxy.address, "DEAD="+dead,
		"ID="+key.SecretID, "KEY="+key.SecretKey, "TOKEN="+key.Token)

	storm, calm := context.WithTimeout(t.Context(), *soakFor)
	defer calm()
	rest, end := context.WithCancel(t.Context())
	defer end()
	var replicas, weather sync.WaitGroup
	for i := range soakReplicas {
		r := &replica{ledger: ledger, api: api, dice: newDice(seed, uint64(10+i)), number: i, config: config, env: env}
		replicas.Go(func() { r.run(storm, rest) })
	}
	weather.Go(func() { receiver.breakDown(storm, hookProxy) })
	weather.Go(func() { apiProxy.fallSilent(storm, newDice(seed, 5)) })
	weather.Go(func() { hookProxy.fallSilent(storm, newDice(seed, 6)) })
	weather.Go(func() { holdLetters(storm, ledger, store, newDice(seed, 7)) })
	weather.Go(func() { produce(storm, ledger, api, newDice(seed, 1)) })
	weather.Wait()
	api.heal()
	receiver.mended.Store(true)
	settled := settle(t.Context(), ledger, api)
	end()
	replicas.Wait()
	api.emulator.Close()
	apiProxy.close()
	hookProxy.close()
	apiServer.Close() // with it, every call has been observed
	hook.Close()
	if !settled {
		ledger.complain(nil, "%d events are still queued %v after the last fault", len(api.emulator.Queued(0)), soakRest)
	}
	ledger.audit(api.emulator)
	ledger.auditVain()
	if *soakFor >= soakLong {
		ledger.auditFaults()
	}
	ledger.report()
}

// produce makes events arrive, and the queue do what any queue may do.
func produce(ctx context.Context, ledger *ledger, api *soakAPI, dice *dice) {
	const backlog = 1000 // no more than this is ever waiting, so that the rest does not take long
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if api.emulator.Stats(0).Waiting < backlog {
			ledger.send(api.emulator, dice.fate())
		}
		if dice.chance(0.02) {
			ledger.count("queue shuffled", 1)
			api.emulator.Shuffle(0, uint64(dice.between(0, 1<<30)))
		}
		if dice.chance(0.02) {
			ledger.count("deliveries duplicated", api.emulator.Duplicate(0, 4))
		}
	}
}

// holdLetters has the folder's lock for seconds, as another process may, so that letters are slow.
func holdLetters(ctx context.Context, ledger *ledger, store *letters.Dir, dice *dice) {
	for passes(ctx, dice.between(time.Second, 8*time.Second)) {
		err := store.Record(ctx, func(kept []byte) []byte {
			ledger.count(lockHeld, 1)
			passes(ctx, dice.between(time.Second, 6*time.Second))
			return kept
		})
		if err != nil && ctx.Err() == nil {
			ledger.complain(nil, "%v", err)
		}
	}
}

// settle waits until nothing is queued. Until what the storm left is gone good events go on arriving: a handler that
// nothing but bad ones reach is rightly held to be down.
func settle(ctx context.Context, ledger *ledger, api *soakAPI) bool {
	ctx, cancel := context.WithTimeout(ctx, soakRest)
	defer cancel()
	storm := time.Now()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		queued := api.emulator.Queued(0)
		if len(queued) == 0 {
			ledger.took("rest", time.Since(storm))
			return true
		}
		if queued[0].Sent.Before(storm) {
			ledger.send(api.emulator, good)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}
