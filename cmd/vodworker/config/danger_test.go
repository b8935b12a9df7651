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
		"worker: {stop_grace: 25s}": `1:22: worker.stop_grace is "25s": Kubernetes`,
		"handlers: [{name: a, events: [NewFileUpload, 'FileDelet?'], stdout: {}}]": `1:46: handlers[0].events[1] is "FileDelet?": ` +
			"no event type that this program knows matches; the nearest is FileDeleted",
	} {
		if !strings.HasPrefix(text, "handlers") {
			text += printAll
		}
		config, err := parse(t, text, nil)
		if err != nil || len(config.Warnings) != 1 || !strings.HasPrefix(config.Warnings[0].String(), "c.yaml:"+want) {
			t.Errorf("%q: %v, %+v, want %s", text, err, config, want)
		}
	}
	for _, text := range []string{
		"vod: {endpoint: 'http://emulator:9266', rate: 500, window: 20s}", "vod: {endpoint: 'https://vod.intl.tencentcloudapi.com'}",
		"vod: {endpoint: 'https://vod.ap-newland.tencentcloudapi.com', region: ap-newland}", "worker: {stop_grace: 24s}",
		"vod: {region: '$${REGION}'}", "worker: {concurrency: 100000}\nvod: {rate: 100}",
	} {
		if config, err := parse(t, text+printAll, nil); err != nil || len(config.Warnings) > 0 {
			t.Errorf("%q: %v, %+v", text, err, config)
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
