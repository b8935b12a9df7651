package rabbitmq_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/sink/rabbitmq"
)

func TestWithARealBroker(t *testing.T) {
	broker := newServer(t)
	for name, test := range map[string]func(*testing.T, *server){
		"the client has a return before it is done":                   returnsComeFirst,
		"what no queue takes is told from what one takes":             returnsAreTold,
		"a message says what it is":                                   messageSaysWhatItIs,
		"a broker that blocks is unreachable at once":                 blocked,
		"a connection that is lost while it is blocked is made again": lostWhileBlocked,
		"who may not publish is told so, and his name is not":         mayNotPublish,
		"a password is read again for each connection":                passwordIsReadAgain,
		"a vhost with a slash":                                        vhostWithSlash,
		"what is there is found":                                      reachFinds,
		"what is wrong with the settings is said by their key":        reachBlames,
		"risks of a queue are known, and it stays as it is":           risks,
		"a write that hangs holds neither Handle nor Close":           stuckWrite,
		"connections are encrypted, and certificates log in":          securedByARealBroker,
	} {
		t.Run(name, func(t *testing.T) {
			here := *broker
			here.t = t
			test(t, &here)
		})
	}
}

// The whole way of telling what was returned stands on this order, which the client does not promise.
func returnsComeFirst(t *testing.T, server *server) {
	server.on(func(c *amqp.Channel) error {
		const many = 500
		returns := c.NotifyReturn(make(chan amqp.Return, many))
		if err := c.Confirm(false); err != nil {
			return err
		}
		var sent []*amqp.DeferredConfirmation
		for i := range many {
			one, err := c.PublishWithDeferredConfirm("", "no-such-queue", true, false, amqp.Publishing{MessageId: strconv.Itoa(i)})
			if err != nil {
				return err
			}
			sent = append(sent, one)
		}
		there := map[string]bool{}
		for i, one := range sent {
			<-one.Done()
			for len(returns) > 0 {
				there[(<-returns).MessageId] = true
			}
			if !there[strconv.Itoa(i)] {
				t.Fatalf("message %d is done, and its return is not there", i)
			}
		}
		return nil
	})
}

// Both kinds are in flight at once, and each event twice.
func returnsAreTold(t *testing.T, server *server) {
	p := server.place(classic)
	p.unbind()
	server.on(func(c *amqp.Channel) error { return c.QueueBind(p.name, "to.1", p.name, false, nil) })
	o := p.options()
	o.RoutingKey, o.Unroutable = "to.{file_id}", rabbitmq.UnroutableFails
	s := opened(t, o)
	const many = 500
	var all sync.WaitGroup
	for i := range 4 * many {
		file := strconv.Itoa(1 + i%2)
		all.Go(func() {
			if err := s.Handle(t.Context(), upload(file, i/4)); worker.IsPermanent(err) != (file == "2") || err != nil && file == "1" {
				t.Errorf("to.%s: %v", file, err)
			}
		})
	}
	all.Wait()
	if there := len(p.all()); there != 2*many {
		t.Errorf("%d messages lie there, want %d", there, 2*many)
	}
}

func messageSaysWhatItIs(t *testing.T, server *server) {
	p := server.place(quorum)
	for _, format := range []sink.Format{sink.FormatCallback, sink.FormatCloudEvents, sink.FormatCloudEventsBinary} {
		o := p.options()
		o.Format = format
		e := upload("5285890784246869930", 1)
		if err := opened(t, o).Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		all := p.all()
		got := all[len(all)-1]
		want, err := sink.NewMessage(e, format)
		if err != nil {
			t.Fatal(err)
		}
		if got.DeliveryMode != amqp.Persistent || got.MessageId != e.ID() || got.ContentType != want.ContentType || got.RoutingKey != "vod.NewFileUpload" {
			t.Errorf("%s: %+v", format, got)
		}
		if string(got.Body) != string(want.Body) || got.Headers["vod-file-id"] != "5285890784246869930" || got.Headers["content-type"] != nil {
			t.Errorf("%s: %s, %v", format, got.Body, got.Headers)
		}
		for name, value := range want.Attributes {
			if got.Headers["cloudEvents_"+name] != value {
				t.Errorf("%s is %v, want %s", name, got.Headers["cloudEvents_"+name], value)
			}
		}
	}
}

// The first event is what has the broker say it. It may have arrived, so its outcome is waited for.
func blocked(t *testing.T, server *server) {
	s := opened(t, server.place(classic).options())
	if err := s.Handle(t.Context(), upload("1", 1)); err != nil {
		t.Fatal(err)
	}
	first := block(t, server, s)
	server.ctl("set_vm_memory_high_watermark", "0.8")
	if err := <-first; err != nil {
		t.Errorf("what was in flight: %v", err)
	}
	if err := s.Handle(t.Context(), upload("4", 1)); err != nil {
		t.Error(err)
	}
}

// The next connection is not blocked because the last one was.
func lostWhileBlocked(t *testing.T, server *server) {
	p := server.place(classic)
	gate := newGate(t, p.address)
	o := p.options()
	o.URL = "amqp://" + gate.address
	s := opened(t, o)
	if err := s.Handle(t.Context(), upload("1", 1)); err != nil {
		t.Fatal(err)
	}
	first := block(t, server, s)
	gate.shut()
	if err := <-first; !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "the connection was lost") {
		t.Errorf("what was in flight: %v", err)
	}
	server.ctl("set_vm_memory_high_watermark", "0.8")
	gate.open()
	if err := s.Handle(t.Context(), upload("4", 1)); err != nil {
		t.Error(err)
	}
}

// block has the broker block the connection of s, and returns the outcome of the event on which it does.
func block(t *testing.T, server *server, s *rabbitmq.Sink) (outcome <-chan error) {
	t.Helper()
	server.ctl("set_vm_memory_high_watermark", "0.00001")
	first := make(chan error, 1)
	go func() { first <- s.Handle(t.Context(), upload("2", 1)) }()
	err := error(nil)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && !worker.IsUnreachable(err); {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err = s.Handle(ctx, upload("3", 1))
		cancel()
	}
	if !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "takes no messages at the moment: low on memory") {
		t.Errorf("got %v, want unreachable", err)
	}
	return first
}

func mayNotPublish(t *testing.T, server *server) {
	o := server.place(classic).options()
	o.Username = writer
	if err := opened(t, o).Handle(t.Context(), upload("1", 1)); err != nil {
		t.Errorf("who may only write: %v", err)
	}
	o.Username = stranger
	s := opened(t, o)
	for range 3 {
		err := s.Handle(t.Context(), upload("1", 1))
		if !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "403 ACCESS_REFUSED") || strings.Contains(err.Error(), stranger) {
			t.Errorf("got %v", err)
		}
	}
}

func passwordIsReadAgain(t *testing.T, server *server) {
	o := server.place(classic).options()
	now := "an old one"
	o.PasswordFile, o.ReadSecret = "password", func(string) (string, error) { return now, nil }
	s := opened(t, o)
	if err := s.Handle(t.Context(), upload("1", 1)); !worker.IsUnreachable(err) || !strings.Contains(err.Error(), "password_file: RabbitMQ has closed the connection during the login") {
		t.Errorf("got %v", err)
	}
	now = password
	if err := s.Handle(t.Context(), upload("1", 1)); err != nil {
		t.Error(err)
	}
}

func vhostWithSlash(t *testing.T, server *server) {
	o := rabbitmq.Options{URL: "amqp://" + server.address + "/a%2Fb", Exchange: "amq.topic"}
	o.Username, o.Password = user, password
	if found, err := opened(t, o).Reach(t.Context()); err != nil || !strings.Contains(found, `exchange amq.topic can be reached (version "3.`) {
		t.Errorf("found %s, %v", found, err)
	}
}

// A write waits as long as the broker reads nothing and the socket is full.
func stuckWrite(t *testing.T, server *server) {
	s := open(t, server.place(classic).options())
	if err := s.Handle(t.Context(), upload("1", 1)); err != nil {
		t.Fatal(err)
	}
	server.Freeze()
	defer server.Thaw()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // on a slow machine it takes a second to begin
	defer cancel()
	large := upload("2", 1<<20)
	var all sync.WaitGroup
	for range 32 { // more than the sockets hold
		all.Go(func() {
			if err := s.Handle(ctx, large); !worker.IsUnreachable(err) {
				t.Errorf("got %v, want unreachable", err)
			}
		})
	}
	all.Wait()
	began := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("Close took %v", took)
	}
}
