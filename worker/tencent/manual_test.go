package tencent_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestAnAnswerIsReturnedByteForByte(t *testing.T) {
	const response = `{ "EventSet": [{"EventHandle":"1","Big":12345678901234567890.10,"é":"\u00e9"}, null], "New":1e2, "RequestId":"r" }`
	source := newSource(t, tencent.Options{Endpoint: answering(t, body(` {"Response": `+response+`}`))})
	got, err := source.PullAnswer(t.Context())
	if err != nil || string(got) != response {
		t.Errorf("%s, %v", got, err)
	}
}

func TestAnEmptyQueueIsToldFromOtherErrors(t *testing.T) {
	for code, want := range map[string]bool{"ResourceNotFound": true, "ResourceNotFound.UserNotExist": false, "InternalError": false} {
		url := answering(t, body(`{"Response":{"Error":{"Code":"`+code+`","Message":"no event"},"RequestId":"r"}}`))
		_, err := newSource(t, tencent.Options{Endpoint: url}).PullAnswer(t.Context())
		var api *tencent.Error
		if !errors.As(err, &api) || api.Reason == tencent.ReasonEmpty != want || api.RequestID != "r" {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestAConfirmIsAnsweredWithItsRequestID(t *testing.T) {
	source := newSource(t, tencent.Options{Endpoint: answering(t, body(`{"Response":{"RequestId":"r"}}`))})
	if got, err := source.ConfirmAnswer(t.Context(), []string{"1"}); err != nil || string(got) != `{"RequestId":"r"}` {
		t.Errorf("%s, %v", got, err)
	}
	source = newSource(t, tencent.Options{Endpoint: vodtest.NewServer(t, vodtest.Config{}).URL})
	if _, err := source.ConfirmAnswer(t.Context(), []string{"1"}); !errors.Is(err, worker.ErrRefused) {
		t.Error(err)
	}
}

func TestTheClockIsComparedWithTheServers(t *testing.T) {
	server := vodtest.NewServer(t, vodtest.Config{})
	source := newSource(t, tencent.Options{Endpoint: server.URL})
	if ahead, err := source.ClockAhead(); err == nil {
		t.Errorf("before any answer: %v", ahead)
	}
	for _, skew := range []time.Duration{0, time.Hour, -10 * time.Minute} {
		server.SetSkew(skew)
		began := time.Now()
		_, err := source.Settings(t.Context())
		took := time.Since(began) // the machine may be busy, and half of this is the error of the measurement
		if refused := err != nil; refused != (skew != 0) {
			t.Errorf("skew %v: %v", skew, err)
		}
		if ahead, err := source.ClockAhead(); err != nil || (ahead-skew).Abs() > time.Second/2+took {
			t.Errorf("%v ahead, %v, want %v", ahead, err, skew)
		}
	}
}
