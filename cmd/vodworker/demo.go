package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/emulate"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/vodtest"
)

func demoCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show the whole way of an event on an emulator, without an account",
		Long: `Start an emulator of the VOD API and a worker on it, in one process. Upload a video, process it, and
show each event as it is pulled, handled and confirmed; again and again, until Ctrl-C.`,
		Args: usage.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context()) },
	}
}

func (a *app) demo(ctx context.Context) (err error) {
	log, err := a.logger(config.Log{Level: "warn", Format: "auto"})
	if err != nil {
		return err
	}
	a.stdout = &lockedWriter{w: a.stdout}
	emulator := vodtest.New(vodtest.Config{})
	served, err := emulate.Serve(emulator, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, served.Close()) }()

	config := demoConfig(served.URL)
	counted := newMetrics(config, config.Applications(), false)
	shown, err := listenForOperators(config, counted, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shown.Close()) }()
	observe := countedBy(counted)
	observe.worker = observe.worker.Join(demoHooks(a.stdout))
	assembled, err := a.assemble(ctx, config, log, observe.remembering(config))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, assembled.Close()) }()

	fmt.Fprintf(a.stdout, "An emulator of the VOD API at %s, and a worker that prints its events. Ctrl-C ends it.\n"+
		"The worker's status page is at %s.\n\n", served.URL, shown.URL())
	ctx, stop := a.untilSignal(ctx, log)
	defer stop()
	counted.Begin(assembled.asked())
	shown.Begin(assembled.process(ctx, nil))
	var producer sync.WaitGroup
	producer.Go(func() {
		demoEvents(ctx, emulator, a.stdout)
		fmt.Fprintln(a.stdout, "stopping: waiting for the open poll to end, 5 s at most")
	})
	consumer := assembled.applications[0]
	err = consumer.Run(ctx)
	stop() // the worker may have ended by itself
	producer.Wait()

	s := consumer.Status().Summary
	fmt.Fprintf(a.stdout, "%d events pulled, %d handled, %d confirmed, %d failed. Left in the queue: %d.\n",
		s.Pulled, s.Handled, s.Confirmed, s.Failed, len(emulator.Queued(0)))
	return err
}

func demoConfig(endpoint string) *config.Config {
	made := config.Default()
	made.VOD.Endpoint = endpoint
	made.Admin.Listen = "127.0.0.1:0"
	made.VOD.Credentials = &config.Credentials{SecretID: vodtest.DefaultSecretID, SecretKey: vodtest.DefaultSecretKey}
	made.Handlers = []config.Handler{{Name: "print", Place: config.Place{Stdout: &sink.StdoutOptions{}}}}
	return made
}

// demoHooks show what can't be seen of a handler: pulling and confirming.
func demoHooks(out io.Writer) worker.Hooks {
	return worker.Hooks{
		Pulled: func(info worker.PullInfo) {
			if n := len(info.Events); n > 0 {
				fmt.Fprintf(out, "  pulled %d, %.1f s after asking\n", n, info.Took.Seconds())
			}
		},
		Confirmed: func(info worker.ConfirmInfo) {
			if info.Err == nil {
				fmt.Fprintf(out, "  confirmed %d, %.1f s before the end of its window\n\n",
					len(info.Events), info.LeaseLeft[0].Seconds())
			}
		},
	}
}

// demoEvents does what the vendor's tutorial does in the console.
func demoEvents(ctx context.Context, emulator *vodtest.Emulator, out io.Writer) {
	pause := func(d time.Duration) bool {
		select {
		case <-time.After(d):
			return true
		case <-ctx.Done():
			return false
		}
	}
	for n := 1; pause(time.Second); n++ {
		name := fmt.Sprintf("video-%d.mp4", n)
		fmt.Fprintf(out, "uploading %s\n", name)
		file := emulator.Upload(0, name)
		if !pause(3 * time.Second) {
			return
		}
		fmt.Fprintf(out, "processing %s with template 10 (MP4-LD-FLU) and a cover\n", name)
		emulator.Process(0, file, "")
		if !pause(6 * time.Second) {
			return
		}
	}
}

// A lockedWriter keeps the lines of several goroutines apart.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
