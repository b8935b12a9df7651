package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// A brokered program has a fake Kafka and an emulator.
type brokered struct {
	t        *testing.T
	emulator *vodtest.Server
	kafka    *kfake.Cluster
}

func newBrokered(t *testing.T) *brokered {
	t.Helper()
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "vod", "dead"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kafka.Close)
	return &brokered{t, vodtest.NewServer(t, vodtest.Config{Hold: 100 * time.Millisecond}), kafka}
}

// run runs a command with these handlers and dead letters, and returns what it says and its exit code.
func (b *brokered) run(input, command, rest string) (said string, code int) {
	b.t.Helper()
	address := b.kafka.ListenAddrs()[0]
	file := write(b.t, "config.yaml", fmt.Sprintf("vod: {endpoint: %q, credentials: {secret_id: %s, secret_key: %s}}\nworker: {unmatched: dead_letter}\n%s",
		b.emulator.URL, vodtest.DefaultSecretID, vodtest.DefaultSecretKey, strings.ReplaceAll(rest, "KAFKA", address)))
	cmd := exec.Command("vodworker", append(strings.Fields(command), "--config", file)...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		b.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// first returns the first message of a topic.
func (b *brokered) first(topic string) *kgo.Record {
	b.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.kafka.ListenAddrs()...), kgo.ConsumeTopics(topic))
	if err != nil {
		b.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	records := client.PollRecords(ctx, 1).Records()
	if len(records) != 1 {
		b.t.Fatalf("nothing is in topic %s", topic)
	}
	return records[0]
}

const toKafka = `handlers: [{name: events, events: NewFileUpload, kafka: {brokers: "KAFKA", topic: vod}}]
dead_letters: {kafka: {brokers: "KAFKA", topic: dead}}
`

func TestCheckReachesABrokerAndWarnsOfWhatItMayLose(t *testing.T) {
	t.Parallel()
	b := newBrokered(t)
	rows, code := b.run("", "check", toKafka)
	wantEqual(t, "exit code", code, exitOK)
	for _, name := range []string{"handler events", "dead letters"} {
		if reached := row(rows, name+" ", " pass "); !strings.Contains(reached, "the topic is there") {
			t.Errorf("%s is not said to be reached:\n%s", name, rows)
		}
		if risk := row(rows, name+" ", " warn "); !strings.Contains(risk, "on one broker only") {
			t.Errorf("nothing warns of what %s may lose:\n%s", name, rows)
		}
	}
	rows, code = b.run("", "check", strings.Replace(toKafka, "topic: vod", "topic: 'vod-{type}'", 1))
	wantEqual(t, "exit code where a name is not known before", code, exitOK)
	if unknown := row(rows, "handler events ", " warn "); !strings.Contains(unknown, "not known whether") {
		t.Errorf("nothing says that the risks are not known:\n%s", rows)
	}
	rows, code = b.run("", "check", strings.Replace(toKafka, "topic: vod", "topic: none", 1))
	wantEqual(t, "exit code without the topic", code, exitUsage)
	if wrong := row(rows, "handler events ", " fail "); !strings.Contains(wrong, `config.yaml:3:93: handlers[0].kafka.topic is "none": there is no such topic`) {
		t.Errorf("nothing says that there is no such topic:\n%s", rows)
	}
	rows, code = b.run("", "check", strings.ReplaceAll(toKafka, "KAFKA", "127.0.0.1:1"))
	wantEqual(t, "exit code where nobody is", code, exitUnavailable)
	if gone := row(rows, "handler events ", " fail "); !strings.Contains(gone, "not reached") {
		t.Errorf("nothing says that nobody is there:\n%s", rows)
	}
}

// row returns the first row of a check that begins so, and has this result.
func row(rows, name, result string) string {
	for line := range strings.Lines(rows) {
		if strings.HasPrefix(line, name) && strings.Contains(line, result) {
			return line
		}
	}
	return ""
}

func TestEventsAndLettersReachABroker(t *testing.T) {
	t.Parallel()
	b := newBrokered(t)
	const event = `{"EventType":"NewFileUpload","FileUploadEvent":{"FileId":"7"}}`
	said, code := b.run(event, "send -", toKafka)
	wantEqual(t, "exit code of send", code, exitOK)
	if !strings.Contains(said, `"handled":1`) {
		t.Error(said)
	}
	sent := b.first("vod")
	wantEqual(t, "key", string(sent.Key), "7")
	wantEqual(t, "message", string(sent.Value), event)

	if err := b.emulator.Emit(0, "FileDeleted"); err != nil {
		t.Fatal(err)
	}
	said, code = b.run("", "drain", toKafka)
	wantEqual(t, "exit code of drain", code, exitDeadLettered)
	var letter struct {
		Reason string
		Event  struct{ EventType string }
	}
	if err := json.Unmarshal(b.first("dead").Value, &letter); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "letter", letter.Reason+": "+letter.Event.EventType, "no handler wants it: FileDeleted")
	wantEqual(t, "confirmed", b.emulator.Stats(0).Confirmed, 1)
	if t.Failed() {
		t.Log(said)
	}
}
