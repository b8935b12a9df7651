package redis_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A fake is a server that knows a few commands, keeps one stream, and can be spoilt.
type fake struct {
	t       testing.TB
	address string
	serving sync.WaitGroup

	mu       sync.Mutex
	changed  *sync.Cond // conns, seen
	listener net.Listener
	conns    map[net.Conn]bool
	entries  [][]string
	seen     []string // the first words of all commands
	logins   []string
	answer   func(command []string) (answer string) // empty: as usual
	hangs    chan struct{}                          // not nil: no answer to an event before it is closed
}

// cut is an answer after which the connection is lost, without one.
const cut = "cut"

func newFake(t testing.TB) *fake {
	f := &fake{t: t, address: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	f.changed = sync.NewCond(&f.mu)
	f.listen()
	t.Cleanup(func() { f.leave(); f.serving.Wait() })
	return f
}

func (f *fake) url() string { return "redis://" + f.address }

func (f *fake) listen() {
	listener, err := net.Listen("tcp", f.address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.address, f.listener = listener.Addr().String(), listener
	f.serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns[conn] = true
			f.mu.Unlock()
			f.serving.Go(func() { f.serve(conn) })
		}
	})
}

func (f *fake) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.listener.Close()
	for conn := range f.conns {
		_ = conn.Close()
	}
}

func (f *fake) serve(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.conns, conn)
		f.changed.Broadcast()
	}()
	in := bufio.NewReader(conn)
	for {
		command, err := readCommand(in)
		if err != nil {
			return
		}
		answer := f.do(command)
		if answer == cut {
			return
		}
		if _, err := io.WriteString(conn, answer+"\r\n"); err != nil {
			return
		}
	}
}

// readCommand reads an array of strings.
func readCommand(in *bufio.Reader) (command []string, err error) {
	number := func(mark string) (int, error) {
		line, err := in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), mark))
	}
	words, err := number("*")
	if err != nil {
		return nil, err
	}
	for range words {
		size, err := number("$")
		if err != nil {
			return nil, err
		}
		word := make([]byte, size+2)
		if _, err := io.ReadFull(in, word); err != nil {
			return nil, err
		}
		command = append(command, string(word[:size]))
	}
	return command, nil
}

func (f *fake) do(command []string) string {
	name := strings.ToUpper(command[0])
	f.mu.Lock()
	f.seen = append(f.seen, name)
	f.changed.Broadcast()
	hangs, answer := f.hangs, f.answer
	f.mu.Unlock()
	if hangs != nil && slices.Contains(command, "body") {
		<-hangs
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if answer != nil {
		if text := answer(command); text != "" {
			return text
		}
	}
	switch name {
	case "AUTH":
		f.logins = append(f.logins, strings.Join(command[1:], ":"))
		return "+OK"
	case "SELECT":
		return "+OK"
	case "PING":
		return "+PONG"
	case "TYPE":
		return "+stream"
	case "CONFIG":
		return "*2\r\n$18\r\nproto-max-bulk-len\r\n$7\r\n2097152"
	case "WAIT":
		return ":1"
	case "XADD":
		at := slices.Index(command, "*")
		if fields := command[at+1:]; len(fields) > 0 && len(fields)%2 == 0 {
			f.entries = append(f.entries, fields)
			return fmt.Sprintf("+%d-0", len(f.entries))
		}
		return "-ERR wrong number of arguments for 'xadd' command"
	}
	return "-ERR unknown command"
}

func (f *fake) answers(how func(command []string) string) (over func()) {
	set := func(how func(command []string) string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.answer = how
	}
	set(how)
	return func() { set(nil) }
}

// refuses has the server answer XADD with that error.
func (f *fake) refuses(text string) (over func()) {
	return f.answers(func(command []string) string {
		if strings.EqualFold(command[0], "xadd") {
			return "-" + text
		}
		return ""
	})
}

func (f *fake) hang() (over func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hangs := make(chan struct{})
	f.hangs = hangs
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hangs = nil
		close(hangs)
	}
}

// await waits until so many commands of that name have come.
func (f *fake) await(name string, n int) {
	f.t.Helper()
	f.wait(func() bool { return f.count(name) >= n })
}

func (f *fake) count(name string) (n int) {
	for _, seen := range f.seen {
		if seen == name {
			n++
		}
	}
	return n
}

func (f *fake) held() (int, error) {
	f.wait(func() bool { return len(f.conns) == 0 })
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns), nil
}

// wait waits 5 s at most.
func (f *fake) wait(until func() bool) {
	patient := true
	timer := time.AfterFunc(5*time.Second, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		patient = false
		f.changed.Broadcast()
	})
	defer timer.Stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	for patient && !until() {
		f.changed.Wait()
	}
}
