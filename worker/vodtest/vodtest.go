// Package vodtest emulates the part of Tencent Cloud VOD's API that applications call most: they process, find, change and delete
// media, ask for tasks, and are told of events. [Actions] lists the actions. It is for developing and testing without an account.
// The official SDKs take it for the real thing: requests are signed, in any of the ways that VOD knows, and signatures are
// checked. Package fidelity says, line by line, what VOD documents, and what is guessed.
//
//	server := vodtest.NewServer(t, vodtest.Config{})
//	fileID := server.Upload(1500000001, "lighthouse.mp4") // queues a NewFileUpload
//	server.Process(1500000001, fileID, "order 42")        // queues a ProcedureStateChanged
//	// … let the consumer under test pull from server.URL with DefaultSecretID and DefaultSecretKey …
//	if left := server.Queued(1500000001); len(left) > 0 {
//		t.Errorf("%d events were not confirmed", len(left))
//	}
//
// An [Emulator] behaves as the API is documented to. There is one queue for each SubAppId. A pull is answered at
// once if there are events, 16 at most, else as soon as one arrives, and after 5 s at the latest. Whoever pulled
// an event has 30 s to confirm it: until then nobody else is handed it, and afterwards it comes again, behind those
// that were waiting, under a new handle. Four days after it was sent it is dropped. Where the documentation says nothing,
// [Config] has a switch. Two settings of a new application are not VOD's, unless Config.NewAccount is set: its Mode is PULL,
// and it hears of uploads.
//
// Each SubAppId has a library of media, too. No video is read and none is made: what VOD would make of a file is made up, by
// the numbers of the templates. A task begins when its TaskId is out, takes Config.TaskTime, and ends with its event.
// Files are uploaded as to VOD: ApplyUpload names a bucket and a key for it, and requests for that Host are served too, see
// [Emulator.ServeHTTP]; CommitUpload makes the file. [Emulator.FailResults] makes results fail, [Emulator.SetProcedure] makes
// task flow templates, and [Emulator.ForwardTo] has a stub answer the actions that are not there.
//
// [Emulator.Upload], [Emulator.Process], [Emulator.PullUpload], [Emulator.Delete] and [Emulator.Persist] do, at once and
// without a request, what makes VOD send an event. [Emulator.Emit] queues a sample of any documented type.
// [Emulator.Issue] and [Emulator.Revoke] are about keys, temporary ones too.
//
// While an application's Mode is PUSH, see [Emulator.PushTo], its events are not queued but posted to its
// NotificationUrl, as normal callbacks; [Push] says how.
//
// [Emulator.Send] queues any JSON object, also one that VOD would never send, and hands it out byte for byte.
// [Emulator.Script] makes chosen calls fail, before or after they took effect; [Emulator.ScriptFunc] leaves the
// choice to a function. [Emulator.Duplicate] and [Emulator.Shuffle] do what any queue may. [Emulator.Queued],
// [Emulator.Stats] and [Config].Observe tell what happened. [Emulator.Advance] lets time pass at once: windows end, tasks end,
// callbacks are tried again, old events are dropped.
//
// [Emulator.State] shows where each event is, and [Emulator.Configure], [Emulator.ExpireEvent] and [Emulator.ConfirmEvent]
// change things by hand. Package [github.com/vodworker/vodworker/worker/vodtest/console] has them, and what makes events,
// as an HTTP API and as a page for browsers.
//
// There are three ways to call an Emulator: over a socket with [NewServer]; as an [http.Handler], which an
// http.RoundTripper can call in process; and directly, with [Emulator.Pull] and [Emulator.Confirm]. But for the
// requests that callbacks and a stub are, it waits on nothing but timers and channels, so that in a testing/synctest bubble its
// windows take no time.
package vodtest

import (
	"context"
	"sync"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/clock"
	"github.com/vodworker/vodworker/worker/vodtest/internal/forward"
	"github.com/vodworker/vodworker/worker/vodtest/internal/library"
	"github.com/vodworker/vodworker/worker/vodtest/internal/serve"
	"github.com/vodworker/vodworker/worker/vodtest/internal/storage"
)

// The key that an emulator begins with if [Config] has no other.
const (
	DefaultSecretID  = "AKIDemulator"
	DefaultSecretKey = "emulator"
)

const (
	maxBatch      = 16 // events per pull, handles per confirm
	defaultHold   = 5 * time.Second
	defaultWindow = 30 * time.Second
	defaultTask   = time.Second
	defaultRetain = 4 * 24 * time.Hour
)

// Config says how an [Emulator] behaves. Its zero value is the documented behaviour, without a limit to the rate of
// calls, and, where nothing is documented, what is most likely.
type Config struct {
	// SecretID and SecretKey are a permanent key that requests may be signed with. Empty: DefaultSecretID and
	// DefaultSecretKey. [Emulator.Issue] makes others.
	SecretID, SecretKey string

	// Hold is how long PullEvents waits for an event. 0: 5 s. Negative: it does not wait.
	Hold time.Duration

	// Window is how long a pulled event is hidden and may be confirmed. 0 or less: 30 s.
	Window time.Duration

	// Retention is how long an event is kept. One that was not confirmed in that time after it was sent is dropped,
	// pulled or not. 0 or less: 96 h.
	Retention time.Duration

	// RoundTrip is added to each call that does not go to a stub: one half before it takes effect, the other half after.
	// 0: none.
	RoundTrip time.Duration

	// TaskTime is how long a task takes that ProcessMedia, ProcessMediaByProcedure or PullUpload has made. It begins when
	// ServeHTTP has written the answer, or cannot any more. 0: 1 s. Negative: none.
	TaskTime time.Duration

	// Quota limits the calls of each second. Its zero value is no limit; [DocumentedQuota] is the API's.
	Quota Quota

	// Skew is how far the emulator's clock is ahead of the clients', or behind if negative: VOD refuses signatures
	// that are more than 5 minutes off. Windows are measured, not read off a clock, so it does not touch them.
	Skew time.Duration

	// Drift is how much faster the emulator measures its windows than the clients do: with 0.001 a Window of 30 s is
	// over when they have counted 29.97 s.
	Drift float64

	// Seed decides which calls a [Fault] with a Percent meets, and what the ids of files, tasks, handles, requests and keys
	// are: the same ones with the same seed, if the same is done in the same order. Two emulators whose files must not be
	// taken for each other's need two seeds.
	Seed uint64

	// Empty is what an empty queue answers.
	Empty Empty

	// AllOrNothing makes a ConfirmEvents with one bad handle confirm none. Otherwise it confirms the good ones.
	// Either way the call is refused with InvalidParameterValue.
	AllOrNothing bool

	// Reconfirm makes ConfirmEvents accept a handle that was confirmed before, until its window ends. Otherwise
	// that is a bad handle.
	Reconfirm bool

	// KeepHandle makes an event come again under the handle that it had. Otherwise it has a new one each time, and
	// the old one is dead.
	KeepHandle bool

	// NewAccount makes each application begin as VOD's do: Mode PUSH, no NotificationUrl, and the switches of NewFileUpload,
	// FileDeleted and PersistenceComplete OFF. Until ModifyEventConfig changes that its events are lost. Otherwise an
	// application begins with Mode PULL and the switch of NewFileUpload ON.
	NewAccount bool

	// Push is how normal callbacks are made, for applications whose Mode is PUSH.
	Push Push

	// Record is told of each event when it is sent, before it can be pulled or is posted; also of one that is lost since there
	// is no NotificationUrl. It is told of one at a time, in order, and everything in the emulator waits for it: it must be
	// quick, and must not call the emulator or change the event.
	Record func(Sent)

	// Observe is told of each call when it is over, before the caller has the answer. It runs in the goroutine that
	// serves the call, so it must be safe for concurrent use, and the caller waits for it.
	Observe func(Call)
}

// Empty is a form of PullEvents' answer when there is no event. Clients meet all of them in the documentation and
// should take each for an empty queue.
type Empty int

// The forms of an empty queue.
const (
	EmptyNotFound Empty = iota // the error ResourceNotFound, with the message "no event"
	EmptyNull                  // "EventSet": null
	EmptyList                  // "EventSet": []
	EmptyAbsent                // no EventSet
)

// An Emulator is a VOD account with a queue and a library of media for each SubAppId, in memory. Create it with [New]. All of
// its methods are safe for concurrent use.
type Emulator struct {
	cfg    Config
	ids    ids
	ctx    context.Context // ends with Close
	closed <-chan struct{} // the same
	close  func()

	storage *storage.Storage // has a lock of its own, which may be taken while this one is held, and not the other way round

	bodies *serve.Bodies

	time    *clock.Clock   // by which events wait, are hidden and dropped, tasks work, and callbacks are tried
	sending sync.WaitGroup // those who send callbacks

	mu     sync.Mutex // guards the rest; nothing waits while it is held
	apps   map[uint64]*app
	keys   map[string]Key // by SecretID
	issued []string       // SecretIds of temporary ones, the oldest first
	choose func(Call) *Fault
	script []Fault // that choose chooses from, if it came from Script
	quota  Quota
	meters map[string]meter // of the quota, by action
	skew   time.Duration
	rules  *library.Rules
	stub   *forward.Stub // for actions that are not carried out; nil if there is none
	calls  ring[pastCall]
}

// New returns an emulator with empty queues.
func New(cfg Config) *Emulator {
	if cfg.SecretID == "" {
		cfg.SecretID = DefaultSecretID
	}
	if cfg.SecretKey == "" {
		cfg.SecretKey = DefaultSecretKey
	}
	if cfg.Hold == 0 {
		cfg.Hold = defaultHold
	}
	if cfg.Window <= 0 {
		cfg.Window = defaultWindow
	}
	if cfg.Retention <= 0 {
		cfg.Retention = defaultRetain
	}
	if cfg.TaskTime == 0 {
		cfg.TaskTime = defaultTask
	}
	cfg.Push = cfg.Push.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	e := &Emulator{
		cfg:    cfg,
		ctx:    ctx,
		closed: ctx.Done(),
		bodies: serve.NewBodies(),
		time:   clock.New(),
		apps:   map[uint64]*app{},
		keys:   map[string]Key{cfg.SecretID: {SecretID: cfg.SecretID, SecretKey: cfg.SecretKey}},
		quota:  cfg.Quota,
		meters: map[string]meter{},
		skew:   cfg.Skew,
		rules:  &library.Rules{TaskTime: cfg.TaskTime, Procedures: library.Presets()},
		calls:  ring[pastCall]{size: keptCalls},
	}
	e.ids.seed(cfg.Seed)
	e.storage = storage.New(storage.Config{Now: e.keyTime, Clock: e.clock, NewID: e.ids.request})
	e.rules.NewFile, e.rules.NewTask, e.rules.NewSession = e.ids.file, e.ids.task, e.ids.session
	e.rules.Storage = library.Storage{Allow: e.allow, Uploaded: e.storage.Uploaded}
	e.close = sync.OnceFunc(func() {
		e.mu.Lock() // whoever is about to send has begun, or will see that it is over
		cancel()
		for _, a := range e.apps {
			e.wakeForTasks(a)
		}
		e.mu.Unlock()
		e.sending.Wait()
	})
	return e
}

// Close ends all calls that wait, as if the connection had broken, and makes later ones fail the same way. It ends
// callbacks that are out, waits until those who send them have returned, and sends no more. Queues can still be looked
// at. An emulator without waiting calls and callbacks holds nothing that needs closing.
func (e *Emulator) Close() { e.close() }
