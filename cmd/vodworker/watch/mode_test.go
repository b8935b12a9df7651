package watch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
)

const lost = "application default is in the mode PUSH, and there is no callback URL: events are lost: " +
	"vodworker settings set --mode PULL --upload on"

func TestTheModePushIsSaidEachHourUntilItIsMended(t *testing.T) {
	s := newStage(tencent.Settings{Mode: tencent.ModePush})
	s.play(t, func() {
		s.wantSaid(t, "info running", "warn "+lost)
		pass(59 * time.Minute)
		s.wantSaid(t)
		pass(time.Minute)
		s.wantSaid(t, "warn "+lost)
		s.change(func(s *stage) { s.settings, s.status.Pulled = pulling, 7 }) // what comes means that something has changed
		pass(time.Hour)
		s.wantSaid(t, "info summary", "info application default is well now: its mode is PULL")
		pass(10 * time.Hour)
		s.wantSaid(t)
	})
}

func TestAnApplicationThatGoesOverToPushIsNoticed(t *testing.T) {
	s := newStage(pulling)
	s.play(t, func() {
		s.wantSaid(t, "info running")
		s.change(func(s *stage) { s.settings.Mode = tencent.ModePush })
		pass(time.Hour)
		s.wantSaid(t, "warn application default is in the mode PUSH, and there is no callback URL: events are lost: "+
			"vodworker settings set --mode PULL")
	})
}

func TestTheSettingsAreAskedForHourlyAndNotWhileEventsCome(t *testing.T) {
	s := newStage(pulling)
	s.play(t, func() {
		s.wantAsked(t, 1)
		for range 5 {
			s.change(func(s *stage) { s.status.Pulled++ })
			pass(time.Hour)
		}
		s.wantAsked(t, 1)
		pass(time.Hour)
		s.wantAsked(t, 2)
		pass(23 * time.Hour)
		s.wantAsked(t, 25)
	})
}

func TestAnIdleQueueIsWell(t *testing.T) {
	s := newStage(pulling)
	s.play(t, func() {
		pass(24 * time.Hour)
		s.wantSaid(t, "info running")
	})
}

func TestAnErrorIsNotSaidAndAskedAboutAfterAMinuteThenHourly(t *testing.T) {
	s := newStage(pulling)
	s.err = errors.New("no answer")
	s.play(t, func() {
		pass(time.Minute)
		s.wantAsked(t, 2)
		pass(59 * time.Minute)
		s.wantAsked(t, 2)
		pass(time.Minute)
		s.wantAsked(t, 3)
		s.wantSaid(t, "info running")
		s.change(func(s *stage) { s.err, s.settings = nil, tencent.Settings{Mode: tencent.ModePush} })
		pass(time.Hour)
		s.wantSaid(t, "warn "+lost)
	})
}

func TestAPermissionThatLacksIsSaidOnce(t *testing.T) {
	s := newStage(pulling)
	s.err = &tencent.Error{Reason: tencent.ReasonPermission}
	s.play(t, func() {
		pass(24 * time.Hour)
		s.wantSaid(t, "info running", "info the mode and the event switches are not watched: allow vod:DescribeEventConfig")
	})
}

func TestSwitchesThatHoldBackWhatHandlersWantAreSaidOnce(t *testing.T) {
	s := newStage(tencent.Settings{Mode: tencent.ModePull})
	s.app.Handlers = []worker.Handler{wants("all"), wants("deleted", "FileDel*")}
	s.play(t, func() {
		s.wantSaid(t, "info running", "warn application default sends no NewFileUpload and no FileDeleted, though handlers want them: "+
			"vodworker settings set --upload on --delete on")
		pass(24 * time.Hour)
		s.wantSaid(t)
	})
}

func TestPushIsRightWhereItsCallbacksAreReceived(t *testing.T) {
	s := newStage(tencent.Settings{Mode: tencent.ModePush, NotificationURL: "https://example.com/hunter2", Upload: true})
	s.app.Receives = ":8080"
	s.play(t, func() {
		said := s.said(t)
		if len(said) != 1 || said[0]["applications"].([]any)[0] != "default: PUSH to https://example.com, upload on, delete off, persistence off" {
			t.Errorf("it said %v", said)
		}
		s.change(func(s *stage) { s.received = true })
		pass(24 * time.Hour)
		s.wantSaid(t)
	})
}

// Whether the callback URL leads here is seen only by what comes.
func TestPushWithoutACallbackIsSaidEachHour(t *testing.T) {
	s := newStage(tencent.Settings{Mode: tencent.ModePush, NotificationURL: "https://example.com/hunter2"})
	s.app.Receives = ":8080"
	const want = "warn application default is in the mode PUSH: events are posted to https://example.com, and none has come to :8080 yet; " +
		"let the one lead to the other, or use the queue: vodworker settings set --mode PULL --upload on"
	s.play(t, func() {
		pass(59 * time.Minute)
		s.said(t)
		pass(time.Hour)
		s.wantSaid(t, want)
		pass(time.Hour)
		s.wantSaid(t, want)
		s.change(func(s *stage) { s.received = true })
		pass(time.Hour)
		s.wantSaid(t, "info application default is well now: its mode is PUSH")
		pass(24 * time.Hour)
		s.wantSaid(t)
	})
}

func TestAnApplicationThatHasEndedIsNotAskedFor(t *testing.T) {
	s := newStage(tencent.Settings{Mode: tencent.ModePush})
	s.play(t, func() {
		s.change(func(s *stage) { s.status.State = worker.Stopped })
		pass(24 * time.Hour)
		s.wantAsked(t, 1)
		s.wantSaid(t, "info running", "warn "+lost)
	})
}

func TestTheCommandThatMendsIsForTheApplication(t *testing.T) {
	posted := tencent.Settings{Mode: tencent.ModePush, NotificationURL: "https://u:hunter2@example.com/hunter2"}
	const where = "PUSH: events are posted to https://example.com and none comes here: vodworker settings set "
	for name, test := range map[string]struct {
		expected watch.Expected
		want     string
	}{
		"the only one": {
			watch.Expected{Name: "default", Only: true, Handlers: []worker.Handler{wants("tasks", "Procedure*")}},
			"application default is in the mode " + where + "--mode PULL",
		},
		"the default one of several": {
			watch.Expected{Name: "default", Handlers: []worker.Handler{wants("all", "*")}},
			"application default is in the mode " + where + "--sub-app-id 0 --mode PULL --upload on",
		},
		"another": {
			watch.Expected{SubAppID: 7, Name: "7", Only: true, Handlers: []worker.Handler{wants("clips", "PersistenceComplete")}},
			"application 7 is in the mode " + where + "--sub-app-id 7 --mode PULL --persistence on",
		},
		"of another configuration": {
			watch.Expected{Name: "default", Only: true, Flags: []string{"--config", "prod.yaml"}},
			"application default is in the mode " + where + "--mode PULL --config prod.yaml",
		},
		"whose handlers are for others": {
			watch.Expected{SubAppID: 7, Name: "7", Handlers: []worker.Handler{{
				Name: "a", SubApps: []uint64{8}, Handle: wants("a").Handle,
			}}},
			"application 7 is in the mode " + where + "--sub-app-id 7 --mode PULL",
		},
		"whose callbacks may be received": {watch.Expected{Name: "default", Only: true, Receives: ":8080"}, ""},
	} {
		if got := test.expected.Trouble(posted); got != test.want {
			t.Errorf("%s: %s\nwant %s", name, got, test.want)
		}
	}
	receives := watch.Expected{Name: "default", Only: true, Receives: ":8080"}
	want := "application default is in the mode PUSH, and there is no callback URL: events are lost: vodworker settings set --url URL"
	if got := receives.Trouble(tencent.Settings{Mode: tencent.ModePush}); got != want {
		t.Errorf("a receiver that VOD does not know: %s\nwant %s", got, want)
	}
}

// Replicas share what an account may ask.
func TestManyApplicationsAreAskedForInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(pulling)
		w := watch.Watch{Log: s.app.Log, Start: s.start}
		for range 25 {
			w.Applications = append(w.Applications, s.app)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() { w.Run(ctx) })
		synctest.Wait()
		for _, want := range []int{10, 20, 25, 25} {
			s.wantAsked(t, want)
			pass(time.Second)
		}
		cancel()
		watching.Wait()
	})
}
