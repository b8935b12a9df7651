// Package metricstest is what tests need that look at the metrics of a worker: a queue, as the API would be, and scrapes. Nothing of
// it needs a network, so it fits a bubble of testing/synctest.
package metricstest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// A Queue is that of an application of an emulator, called without HTTP.
type Queue struct {
	*vodtest.Emulator
	SubAppID uint64
}

// Pull calls the emulator's Pull once.
func (q Queue) Pull(ctx context.Context) (worker.Batch, error) {
	sent := time.Now()
	set, err := q.Emulator.Pull(ctx, q.SubAppID)
	if api, is := errors.AsType[*vodtest.APIError](err); is && api.Code == "ResourceNotFound" {
		return worker.Batch{}, nil
	}
	batch := worker.Batch{Events: events.Split(set), Leased: sent}
	if begun := time.Now().Add(-worker.HeadStart); begun.After(sent) {
		batch.Leased = begun
	}
	for i := range batch.Events {
		batch.Events[i].SubAppID = q.SubAppID
	}
	return batch, classified(err)
}

// Confirm calls the emulator's Confirm once.
func (q Queue) Confirm(ctx context.Context, handles []string) error {
	return classified(q.Emulator.Confirm(ctx, q.SubAppID, handles))
}

// classified is an error as package tencent would have it.
func classified(err error) error {
	api, is := errors.AsType[*vodtest.APIError](err)
	if !is {
		return err
	}
	called := &tencent.Error{Code: api.Code}
	for code, kind := range map[string]error{
		"RequestLimitExceeded": worker.ErrThrottled, "AuthFailure": worker.ErrFatal, "InvalidParameterValue": worker.ErrRefused,
	} {
		if strings.HasPrefix(api.Code, code) {
			return fmt.Errorf("%w: %w", kind, called)
		}
	}
	return called
}

// Get returns what a handler of metrics answers to one who accepts that type.
func Get(t *testing.T, from http.Handler, accept string) (text, contentType string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	answer := httptest.NewRecorder()
	from.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		t.Fatal(answer.Code, answer.Body)
	}
	return answer.Body.String(), answer.Header().Get("Content-Type")
}

// Scrape returns the values of a scrape by their series, such as name{app="default"}.
func Scrape(t *testing.T, from http.Handler) map[string]float64 {
	t.Helper()
	text, _ := Get(t, from, "text/plain")
	return Values(t, text)
}

// Values returns the values in a text, such as the one of a scrape, by their series.
func Values(t *testing.T, text string) map[string]float64 {
	t.Helper()
	found := map[string]float64{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(strings.TrimSpace(line[i:]), 64)
		if err != nil {
			t.Fatal(err)
		}
		found[line[:i]] = value
	}
	return found
}
