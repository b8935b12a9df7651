package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// A kind is one of the brokers. The tests of its sink, built as a program, run one.
type kind struct {
	name, folder string
	programs     []string // that must be there
}

var kinds = []kind{
	{"Kafka (a fake)", "kafka", nil},
	{"NATS", "nats", nil},
	{"Redis", "redis", []string{"redis-server"}},
	{"RabbitMQ", "rabbitmq", []string{"/usr/lib/rabbitmq/bin/rabbitmq-server", "epmd"}},
}

// A broker runs in processes of its own.
type broker struct {
	*process
	handler string // what a configuration says of a handler for it
}

func startBroker(tb testing.TB, of kind) broker {
	tb.Helper()
	for _, program := range of.programs {
		if _, err := exec.LookPath(program); err != nil {
			tb.Skipf("%s: %v", of.name, err)
		}
	}
	tests, err := builtTests(sinks + "/" + of.folder)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(tests, "-test.run=^TestServe$", "-brokers", "-serve")
	cmd.Dir = filepath.Join(sinks, of.folder)
	b := broker{process: start(tb, of.name, cmd)}
	tb.Cleanup(func() { b.end(tb) }) // before the process is killed, so that it removes what it has written
	b.hear(tb, &b.handler)
	return b
}

const sinks = "../../../worker/sink"

// do has the broker do what [brokertest.Serve] knows.
func (b broker) do(tb testing.TB, order string, answer any) {
	tb.Helper()
	if _, err := fmt.Fprintln(b.stdin, order); err != nil {
		tb.Fatalf("have %s %s: %v", b.name, order, err)
	}
	b.hear(tb, answer)
}

func (b broker) hear(tb testing.TB, answer any) {
	tb.Helper()
	if line := b.line(tb); json.Unmarshal([]byte(line), answer) != nil {
		tb.Fatalf("%s says %.1000s", b.name, line)
	}
}

func builtTests(folder string) (string, error) {
	build, _ := programs.LoadOrStore("tests of "+folder, sync.OnceValues(func() (string, error) {
		to, err := os.MkdirTemp("", "bench")
		if err != nil {
			return "", err
		}
		builds = append(builds, to)
		program := filepath.Join(to, filepath.Base(folder)+".test")
		if out, err := exec.Command("go", "test", "-c", "-o", program, folder).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		return program, nil
	}))
	return build.(func() (string, error))()
}
