package cloudevents

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/protocol/nats_jetstream/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/nats"
)

func TestTheSDKReadsWhatIsInJetStream(t *testing.T) {
	url := serveNATS(t)
	conn, err := natsgo.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	var stream jetstream.Stream
	open := func(t *testing.T, format sink.Format) sink.Sink {
		name := string(format) // a stream of its own: one drops what comes again soon, in another mode too
		stream, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{name + ".>"}})
		if err != nil {
			t.Fatal(err)
		}
		to, err := nats.New(nats.Options{
			Servers: []string{url}, Stream: name, Subject: name + ".{type}", BrokerOptions: sink.BrokerOptions{Format: format},
		})
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	read(t, open, func(ctx context.Context, t *testing.T) binding.Message {
		info, err := stream.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		m, err := stream.GetMsg(ctx, info.State.LastSeq)
		if err != nil {
			t.Fatal(err)
		}
		return nats_jetstream.NewMessage(&natsgo.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data})
	})
}

// serveNATS runs the server of .ci/tools, and returns its URL.
func serveNATS(t *testing.T) (url string) {
	t.Helper()
	built, err := exec.Command("go", "tool", "-modfile=../tools/go.mod", "-n", "nats-server").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ports := filepath.Join(dir, "ports")
	if err := os.Mkdir(ports, 0o700); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(strings.TrimSpace(string(built)), "-a", "127.0.0.1", "-p", "-1", "-js", "-sd", dir, "--ports_file_dir", ports)
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	return listening(t, filepath.Join(ports, fmt.Sprintf("nats-server_%d.ports", server.Process.Pid)))
}

// listening returns the URL in a file that a server writes when it listens.
func listening(t *testing.T, file string) (url string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(file)
		var ports struct{ Nats []string }
		if err == nil && json.Unmarshal(text, &ports) == nil && len(ports.Nats) > 0 {
			return ports.Nats[0]
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not listen: %v", err)
		}
	}
}
