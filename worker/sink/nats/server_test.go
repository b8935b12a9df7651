package nats

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vodworker/vodworker/worker/internal/brokertest"
	"github.com/vodworker/vodworker/worker/sink"
)

const (
	streamName = "VOD"
	maxPayload = 4 << 20
	username   = "worker"
)

// A server is a process with a stream VOD, which takes vod.>.
type server struct {
	*brokertest.Process
	t       testing.TB
	addr    string
	monitor string
	config  string // a file
	text    string // what is in it, with a %s for what the user may do
	command *exec.Cmd
	admin   []tls.Certificate // that the administrator shows
}

// newServer runs a server. What is in permissions may the user of the sinks do; empty: everything. Sections are more of its
// configuration.
func newServer(t testing.TB, program, permissions string, sections ...string) *server {
	t.Helper()
	b := &server{}
	b.run(t, program, permissions, sections...)
	return b
}

func (b *server) run(t testing.TB, program, permissions string, sections ...string) {
	t.Helper()
	b.t, b.addr, b.monitor = t, brokertest.FreeAddress(t), brokertest.FreeAddress(t)
	dir := t.TempDir()
	b.config = filepath.Join(dir, "server.conf")
	b.text = fmt.Sprintf("listen: %q\nhttp: %q\nmax_payload: %d\njetstream { store_dir: %q }\n"+
		"authorization { users: [ { user: %s, password: %q %%s }, { user: admin, password: admin } ] }\n",
		b.addr, b.monitor, maxPayload, dir, username, secret) + strings.Join(sections, "\n")
	b.write(permissions)
	b.Process = brokertest.Start(t, b.ready, func() *exec.Cmd {
		b.command = exec.Command(program, "-c", b.config)
		return b.command
	})
	b.make()
}

func (b *server) write(permissions string) {
	b.t.Helper()
	if err := os.WriteFile(b.config, fmt.Appendf(nil, b.text, permissions), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// permit changes what the user of the sinks may do while the server runs.
func (b *server) permit(permissions string) {
	b.t.Helper()
	b.write(permissions)
	if err := b.command.Process.Signal(syscall.SIGHUP); err != nil {
		b.t.Fatal(err)
	}
}

// options are those of a sink that publishes there.
func (b *server) options(change func(*Options)) Options {
	return good(func(o *Options) {
		o.Servers, o.Username, o.Password = []string{"nats://" + b.addr}, username, secret
		change(o)
	})
}

func (b *server) ready() error {
	return b.as(func(ctx context.Context, js jetstream.JetStream) error {
		_, err := js.AccountInfo(ctx)
		return err
	})
}

// as calls do as the administrator.
func (b *server) as(do func(context.Context, jetstream.JetStream) error) error {
	conn, err := nats.Connect("nats://"+b.addr, nats.UserInfo("admin", "admin"), nats.Name("admin"), nats.NoReconnect(), b.trusting)
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return do(ctx, js)
}

// trusting takes any certificate, where the server wants TLS.
func (b *server) trusting(o *nats.Options) error {
	o.TLSConfig = &tls.Config{InsecureSkipVerify: true, Certificates: b.admin}
	return nil
}

func (b *server) must(do func(context.Context, jetstream.JetStream) error) {
	b.t.Helper()
	if err := b.as(do); err != nil {
		b.t.Fatal(err)
	}
}

func (b *server) make() {
	b.t.Helper()
	b.must(func(ctx context.Context, js jetstream.JetStream) error {
		_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: streamName, Subjects: []string{"vod.>"}})
		return err
	})
}

func (b *server) delete() {
	b.t.Helper()
	b.must(func(ctx context.Context, js jetstream.JetStream) error { return js.DeleteStream(ctx, streamName) })
}

// set changes the stream until the function that it returns is called.
func (b *server) set(change func(*jetstream.StreamConfig)) (over func()) {
	b.t.Helper()
	var before jetstream.StreamConfig
	b.must(func(ctx context.Context, js jetstream.JetStream) error {
		stream, err := js.Stream(ctx, streamName)
		if err != nil {
			return err
		}
		before = stream.CachedInfo().Config
		after := before
		change(&after)
		_, err = js.UpdateStream(ctx, after)
		return err
	})
	return func() {
		b.must(func(ctx context.Context, js jetstream.JetStream) error {
			_, err := js.UpdateStream(ctx, before)
			return err
		})
	}
}

func (b *server) read() (all []brokertest.Message, err error) {
	err = b.as(func(ctx context.Context, js jetstream.JetStream) error {
		stream, err := js.Stream(ctx, streamName)
		if err != nil {
			return err
		}
		state := stream.CachedInfo().State
		for n := state.FirstSeq; n > 0 && n <= state.LastSeq; n++ {
			m, err := stream.GetMsg(ctx, n)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			header := map[string]string{}
			for name := range m.Header {
				header[name] = m.Header[name][0]
			}
			all = append(all, brokertest.Message{ID: header["vod-event-id"], Body: m.Data, Header: header})
		}
		return nil
	})
	return all, err
}

func (b *server) state() (text string, err error) {
	err = b.as(func(ctx context.Context, js jetstream.JetStream) error {
		account, err := js.AccountInfo(ctx)
		if err != nil {
			return err
		}
		stream, err := js.Stream(ctx, streamName)
		if err != nil {
			return err
		}
		state := stream.CachedInfo().State
		text = fmt.Sprint(account.Streams, account.Consumers, state.Msgs, state.LastSeq)
		return nil
	})
	return text, err
}

// connections returns how many a sink has. It waits a little for what is being closed.
func (b *server) connections() (n int, err error) {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if n, err = b.connectionsNow(); n == 0 || err != nil || time.Now().After(end) {
			return n, err
		}
	}
}

func (b *server) connectionsNow() (n int, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	resp, err := client.Get("http://" + b.monitor + "/connz")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct{ Connections []struct{ Name string } }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, err
	}
	for _, c := range answer.Connections {
		if c.Name == "vodworker" {
			n++
		}
	}
	return n, nil
}

// harness is for the suite of all brokers.
func (b *server) harness(t *testing.T) brokertest.Harness {
	return brokertest.Harness{
		Open: func() sink.Sink { return open(t, b.options(asIs)) },
		OpenNamed: func() sink.Sink {
			return open(t, b.options(func(o *Options) { o.Subject, o.UnknownTypes = "vod.{type}.{file_id}", sink.UnknownTypesAsIs }))
		},
		Server: b, Once: true, Delete: b.delete, Make: b.make, TooLarge: maxPayload,
		Read: func() []brokertest.Message {
			all, err := b.read()
			if err != nil {
				t.Fatal(err)
			}
			return all
		},
	}
}
