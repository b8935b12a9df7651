package tencent_test

import (
	"context"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/tencent"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func newSource(t *testing.T, opts tencent.Options) *tencent.Source {
	t.Helper()
	if opts.Credentials == nil {
		opts.Credentials = &tencent.Credentials{SecretID: vodtest.DefaultSecretID, SecretKey: vodtest.DefaultSecretKey}
	}
	source, err := tencent.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	})
	return source
}

func TestEventsArePulledByteForByteAndConfirmed(t *testing.T) {
	const app = 1500000001
	contents := []string{
		`{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":14508071098244959037,"Big":9007199254740993}}`,
		`{"EventType":"RestoreMediaComplete","RestoreMediaCompleteEvent":{"FileId":"1","Status":"mistyped"}}`,
		`{"EventType":"Unheard.Of", "New" : {"x":[1.0,1e2,"\u00e9"]}, "n":null}`,
	}
	server := vodtest.NewServer(t, vodtest.Config{})
	for _, content := range contents {
		if err := server.Send(app, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	source := newSource(t, tencent.Options{Endpoint: server.URL, SubAppID: app, Region: "ap-guangzhou"})

	before := time.Now()
	batch, err := source.Pull(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if batch.Leased.Before(before) || batch.Leased.After(time.Now()) {
		t.Errorf("leased %v after the request was sent", batch.Leased.Sub(before))
	}
	var handles []string
	for i, e := range batch.Events {
		if got := string(e.Body()); got != contents[i] {
			t.Errorf("event %d: %s", i, got)
		}
		if e.SubAppID != app {
			t.Errorf("SubAppID: %d", e.SubAppID)
		}
		handles = append(handles, e.Handle)
	}
	if err := source.Confirm(t.Context(), handles); err != nil {
		t.Fatal(err)
	}
	if s := server.Stats(app); s.Confirmed != 3 || s.InFlight != 0 {
		t.Errorf("stats: %+v", s)
	}
}

func TestAnEmptyQueueIsNoError(t *testing.T) {
	for _, form := range []vodtest.Empty{vodtest.EmptyNotFound, vodtest.EmptyNull, vodtest.EmptyList, vodtest.EmptyAbsent} {
		server := vodtest.NewServer(t, vodtest.Config{Empty: form, Hold: -1})
		batch, err := newSource(t, tencent.Options{Endpoint: server.URL}).Pull(t.Context())
		if err != nil || len(batch.Events) != 0 {
			t.Errorf("form %d: %v, %v", form, batch, err)
		}
	}
}

func TestTheEndOfTheContextIsRecognised(t *testing.T) {
	server := vodtest.NewServer(t, vodtest.Config{})
	source := newSource(t, tencent.Options{Endpoint: server.URL})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := source.Pull(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Pull: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if err := source.Confirm(ctx, []string{"1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Confirm: %v", err)
	}
}

func TestTheCAFileIsTrusted(t *testing.T) {
	emulator := vodtest.New(vodtest.Config{Hold: -1})
	server := httptest.NewTLSServer(emulator)
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil

	file := filepath.Join(t.TempDir(), "ca.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newSource(t, tencent.Options{Endpoint: server.URL, CAFile: file}).Pull(t.Context()); err != nil {
		t.Errorf("with the CA: %v", err)
	}
	if _, err := newSource(t, tencent.Options{Endpoint: server.URL}).Pull(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without it: %v", err)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	emulator := vodtest.New(vodtest.Config{Hold: -1})
	connections := 0
	server := httptest.NewUnstartedServer(emulator)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections++
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	source := newSource(t, tencent.Options{Endpoint: server.URL})
	for range 50 {
		if _, err := source.Pull(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if connections != 1 {
		t.Errorf("%d connections for 50 calls", connections)
	}
}
