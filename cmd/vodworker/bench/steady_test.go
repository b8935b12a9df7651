package bench

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest"
)

var steadyFor = flag.Duration("steady", 0, "how long TestSteady looks at each process; 0: it is skipped")

// TestSteady prints what processes at the ceiling hold, ten times: the program, and beside it, with an account of its own, the
// library, which knows of its goroutines.
func TestSteady(t *testing.T) {
	if *steadyFor == 0 {
		t.Skip("make steady runs it")
	}
	r := openAccount(t, vodtest.QuotaSliding)
	program := r.join()
	account := startServer(t, "account", accountOptions{Kind: vodtest.QuotaSliding})
	library := start(t, "library", as("steady", libraryOptions{Endpoint: account.url}))
	began := r.look()
	fmt.Printf("%8s %16s %16s %11s\n", "", "vodworker", "library", "goroutines")
	for i := range 10 {
		time.Sleep(time.Until(began.At.Add(*steadyFor * time.Duration(i+1) / 10)))
		if err := library.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%8v %8.1f MiB RSS %8.1f MiB RSS %11s\n", time.Since(began.At).Round(time.Second),
			program.resident()/(1<<20), library.resident()/(1<<20), library.line(t))
	}
	fmt.Printf("%.1f %% of the ceiling\n", 100*span{from: began, to: r.look()}.handled())
	library.stop(t)
	account.stop(t)
	r.end()
}

// runSteady runs the library, and says how many goroutines there are when it is asked.
func runSteady(o libraryOptions) error {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			fmt.Println(runtime.NumGoroutine())
		}
	}()
	return runLibrary(o)
}
