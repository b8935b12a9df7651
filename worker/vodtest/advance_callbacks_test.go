package vodtest

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneAdvanceTakesAllTriesOfACallback(t *testing.T) {
	var mu sync.Mutex
	var tries []Callback
	observe := func(c Callback) { mu.Lock(); defer mu.Unlock(); tries = append(tries, c) }
	pushing(t, Push{Observe: observe}, "", func(t *testing.T, e *Emulator, h *hook) {
		start := time.Now()
		h.answer = never
		e.Upload(appID, "x.mp4")
		advance(t, e, 17*time.Second) // three tries of 5 s, and two gaps
		wantCallbacks(t, e, CallbackStats{Tries: 3, GivenUp: 1})
		for i, try := range tries {
			if at := try.Start.Sub(start); at != time.Duration(i)*6*time.Second || try.Took != 5*time.Second || try.Try != i+1 {
				t.Errorf("try %d began after %v and took %v", try.Try, at, try.Took)
			}
		}
		wantElapsed(t, start, 3*patience)
	})
}

func TestAnAdvanceWithinATryLeavesItOut(t *testing.T) {
	pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = never
		send(t, e, `{}`)
		advance(t, e, 5*time.Second-1)
		wantCallbacks(t, e, CallbackStats{Pending: 1})
		advance(t, e, 1)
		wantCallbacks(t, e, CallbackStats{Tries: 1, Pending: 1})
	})
}

func TestAReceiverThatAnswersGetsNoSecondTryByAnAdvance(t *testing.T) {
	pushing(t, Push{}, "", func(t *testing.T, e *Emulator, h *hook) {
		for range 40 { // more than the senders that there are
			send(t, e, `{}`)
		}
		advance(t, e, time.Hour)
		synctest.Wait()
		wantCallbacks(t, e, CallbackStats{Tries: 40, Answered: 40})
	})
}

func TestAnAdvanceComesThroughCallbacksThatAreMadeAllTheTime(t *testing.T) {
	var mu sync.Mutex
	var odd []Callback // tries that did not take as long as the receiver
	observe := func(c Callback) {
		mu.Lock()
		defer mu.Unlock()
		if c.Took != 100*time.Millisecond {
			odd = append(odd, c)
		}
	}
	pushing(t, Push{Observe: observe}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = func(*http.Request, int) (int, error) {
			time.Sleep(100 * time.Millisecond)
			return http.StatusOK, nil
		}
		var all sync.WaitGroup
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		all.Go(func() {
			for ctx.Err() == nil {
				e.Upload(appID, "x.mp4")
				time.Sleep(50 * time.Millisecond)
			}
		})
		start := time.Now()
		advance(t, e, 30*time.Second)
		if took := time.Since(start); took > time.Second {
			t.Errorf("that took %v", took)
		}
		e.Reset() // sets the time back in the midst of a try
		stop()
		all.Wait()
		rest()
		if len(odd) > 0 {
			t.Errorf("tries are %+v", odd)
		}
	})
}

func TestATryTookTheTimeOfItsReceiverWhateverAnAdvanceAdds(t *testing.T) {
	var took time.Duration
	pushing(t, Push{Observe: func(c Callback) { took = c.Took }}, "", func(t *testing.T, e *Emulator, h *hook) {
		h.answer = func(*http.Request, int) (int, error) {
			time.Sleep(100 * time.Millisecond)
			return http.StatusOK, nil
		}
		send(t, e, `{}`)
		synctest.Wait()
		advance(t, e, 4*time.Second)
		rest()
		if took != 100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}
