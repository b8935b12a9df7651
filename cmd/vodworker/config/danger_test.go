package config

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

// What can be meant, and mostly is not, works, and is said.
func TestWhatIsHardlyMeantIsAWarning(t *testing.T) {
	for text, want := range map[string]string{
		"vod: {window: 20s}": `1:15: vod.window is "20s": VOD waits for 30s, so handlers get less time than there is; take the key out`,
		"vod: {rate: 500}": `1:13: vod.rate is "500": the quota of an account is 100 calls a second ` +
			"unless VOD has raised it; write 99",
		"vod: {endpoint: 'http://vod.tencentcloudapi.com'}": `1:17: vod.endpoint is "http://vod.tencentcloudapi.com": ` +
			"whoever is between here and VOD can read the events; write https://",
		"vod: {endpoint: 'HTTP://vod.tencentcloudapi.com'}": `1:17: vod.endpoint is "HTTP://vod.tencentcloudapi.com": ` +
			"whoever is between here and VOD can read the events; write https://",
		"vod: {region: ap-guangzho}": `1:15: vod.region is "ap-guangzho": no region is known by this name; the nearest is ap-guangzhou`,
		"vod: {region: $REGION}": `1:15: vod.region is "$REGION": a variable without braces is taken as it is; ` +
			"write ${NAME} for the value of a variable",
		"callback: {sign_key: hunter2}\nvod: {credentials: {secret_id: AKID, secret_key: $hunter2}}": "2:50: " +
			"vod.credentials.secret_key: a variable without braces is taken as it is; write ${NAME} for the value of a variable",
		"worker: {stop_grace: 10m}": `1:22: worker.stop_grace is "10m": Kubernetes kills a pod after 30s by default, ` +
			"and confirming gets 5s more; write 20s, or give the pod a terminationGracePeriodSeconds above 605",
		"worker: {stop_grace: 1ms}": `1:22: worker.stop_grace is "1ms": handlers are cut off at once`,
		"worker: {memory: 31MiB}":   `1:18: worker.memory is "31MiB": the process alone needs about this much;`,
		"worker: {memory: 1025GiB}": `1:18: worker.memory is "1025GiB": hardly a machine has so much;`,
		"confirm: {margin: 999ms}":  `1:19: confirm.margin is "999ms": confirmations may come too late, and all those events again;`,
		"confirm: {linger: 6s}":     `1:19: confirm.linger is "6s": events wait this long though they are handled`,
		"dead_letters: {dir: dead, after: 59m}": `1:34: dead_letters.after is "59m": an outage of a handler that lasts longer ` +
			"gives up all events of that time; write 72h",
		"handlers: [{name: a, timeout: 9ms, stdout: {}}]":                                       `1:31: handlers[0].timeout is "9ms": hardly a try ends so soon`,
		`handlers: [{name: a, timeout: 999ms, redis: {url: "redis://localhost", stream: vod}}]`: `1:31: handlers[0].timeout is "999ms": a broker that gives no answer is not told from an event at fault`,
		"handlers: [{name: a, exec: {command: [./a, '2>&1']}}]": "1:44: handlers[0].exec.command[1]: there is no shell, " +
			"so the program gets 2>&1 as an argument",
		"handlers: [{name: a, exec: {command: [./a, '&&', b]}}]": "1:44: handlers[0].exec.command[1]: there is no shell, " +
			`so the program gets && as an argument; write [sh, -c, "…"]`,
		"handlers: [{name: a, kafka: {brokers: ['127.0.0.1:9', 'k1:9', 'k2:9'], topic: t, mechanism: PLAIN, username: u, password: hunter2}}]": "1:55: " +
			`handlers[0].kafka.brokers[1] is "k1:9": the password goes to k1 unencrypted, and whoever is between can read it; write tls: true`,
		"handlers: [{name: a, nats: {servers: 'nats://n:9', stream: s, subject: t, token: hunter2}}]": "1:38: " +
			`handlers[0].nats.servers[0] is "nats://n:9": the password goes to n unencrypted, and whoever is between can read it; write tls://`,
		"dead_letters: {redis: {url: 'redis://r', stream: s, username: u, password: hunter2}}": "1:29: dead_letters.redis.url is " +
			`"redis://r": the password goes to r unencrypted, and whoever is between can read it; write rediss://`,
		"handlers: [{name: a, rabbitmq: {url: 'amqp://r:9/v', routing_key: k, username: u, password: hunter2}}]": "1:38: handlers[0].rabbitmq.url is " +
			`"amqp://r:9/…": the password goes to r unencrypted, and whoever is between can read it; write amqps://`,
		"dead_letters: {exec: {command: [./a, '>hunter2']}}": "1:38: dead_letters.exec.command[1]: there is no shell, " +
			"so the program gets > as an argument",
		"vod: {region: ap-newland$PATH/x}": `1:15: vod.region is "ap-newland$PATH/x": a variable without braces`,
		`vod: {region: "${COMMENTED}"}`:    `1:15: vod.region is "${COMMENTED}": the variable COMMENTED has a comment behind its value`,
		"worker: {stop_grace: 25s}":        `1:22: worker.stop_grace is "25s": Kubernetes`,
		"handlers: [{name: a, events: [NewFileUpload, 'FileDelet?'], stdout: {}}]": `1:46: handlers[0].events[1] is "FileDelet?": ` +
			"no event type that this program knows matches; the nearest is FileDeleted",
	} {
		if !strings.HasPrefix(text, "handlers") {
			text += printAll
		}
		config, err := parse(t, text, map[string]string{"COMMENTED": "ap-newland # hunter2"})
		if err != nil || len(config.Warnings) != 1 || !strings.HasPrefix(config.Warnings[0].String(), "c.yaml:"+want) {
			t.Errorf("%q: %v, %+v, want %s", text, err, config, want)
		}
	}
	for _, text := range []string{
		"vod: {endpoint: 'http://emulator:9266', rate: 500, window: 20s}", "vod: {endpoint: 'https://vod.intl.tencentcloudapi.com'}",
		"vod: {endpoint: 'https://vod.ap-newland.tencentcloudapi.com', region: ap-newland}", "worker: {stop_grace: 24s}",
		"vod: {region: '$${REGION}'}", "vod: {region: 'ap-newland$x$Ab$$AB'}", "worker: {memory: 1024GiB, stop_grace: 1s}",
		"vod: {endpoint: 'http://emulator:9266'}\nconfirm: {margin: 500ms, linger: 5s}", "dead_letters: {after: 1h, dir: dead}",
		"vod: {credentials: {secret_id: a, secret_key: b, token: '${NONE:-}'}}", "callback: {sign_key: '${NONE:-}'}",
		"callback: {tls: {cert_file: both.pem, key_file: both.pem}}", "dead_letters: {exec: {command: [/bin/bash, -ec, a, '&&', b]}}",
		"vod: {region: 'ap-newland$${X'}", "dead_letters: {exec: {command: [./a, '<b>', '&b', -]}}",
		"callback: {listen: '10.0.0.5:80'}\ndead_letters: {webhook: {url: 'http://127.0.0.1'}}",
		"dead_letters: {file: {path: letters}}", "worker: {concurrency: 100000}\nvod: {rate: 100}",
	} {
		if config, err := parse(t, text+printAll, nil); err != nil || len(config.Warnings) > 0 {
			t.Errorf("%q: %v, %+v", text, err, config)
		}
	}
	for _, place := range []string{
		"kafka: {brokers: 'k:9', topic: t}", "kafka: {brokers: 'k:9', topic: t, tls: true, mechanism: PLAIN, username: u, password: hunter2}",
		"kafka: {brokers: 'k:9', topic: t, mechanism: SCRAM-SHA-256, username: u, password: hunter2}",
		"kafka: {brokers: ['localhost:9', '[::1]:9'], topic: t, mechanism: PLAIN, username: u, password: hunter2}",
		"nats: {servers: 'tls://n', stream: s, subject: t, token: hunter2}", "nats: {servers: 'nats://n', stream: s, subject: t}",
		"redis: {url: 'rediss://r', stream: s, username: u, password: hunter2}",
		"rabbitmq: {url: 'amqp://127.0.0.1', routing_key: k, username: u, password: hunter2}",
	} {
		if config, err := parse(t, "handlers: [{name: a, "+place+"}]", nil); err != nil || len(config.Warnings) > 0 {
			t.Errorf("%q: %v, %+v", place, err, config)
		}
	}
	text := "handlers: [{name: a, events: ['*', 'Scene*Event', '*Complete'], exec: {command: [sh, -c, echo $HOME, \"'x'\", ' y ']}}]"
	if config, err := parse(t, text, nil); err != nil || len(config.Warnings) > 0 {
		t.Errorf("%q: %v, %+v", text, err, config)
	}
}

type noSource struct{ worker.Source }

func nothing(context.Context, events.Event) error { return nil }

// Every window and margin that is taken here, a worker takes too, and no other.
func TestAWindowIsTakenIfAWorkerTakesIt(t *testing.T) {
	for window := 100 * time.Millisecond; window <= 40*time.Second; window += 100 * time.Millisecond {
		for margin := time.Duration(0); margin <= window+time.Second; margin += window / 7 {
			config := Default()
			config.VOD.Window, config.Confirm.Margin = Duration(window), Duration(margin)
			config.source, _, _ = newSource("", nil)
			config.validateTimes()
			options := &worker.Options{Window: window, Margin: margin}
			_, err := worker.New(noSource{}, []worker.Handler{{Name: "a", Handle: nothing}}, options)
			if taken := len(config.source.errs) == 0; taken != (err == nil) {
				t.Fatalf("window %v, margin %v: taken %v, a worker says %v", window, margin, taken, err)
			}
		}
	}
}

// What is written to is nothing that is read: events behind its text would spoil the configuration.
func TestTheConfigurationIsNoPlaceForEvents(t *testing.T) {
	for _, text := range []string{
		"handlers: [{name: a, file: {path: ./c.yaml}}]", "dead_letters: {file: {path: x/../c.yaml}}" + printAll,
	} {
		if _, err := parse(t, text, nil); err == nil || !strings.Contains(err.Error(), "it is this configuration, which") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
