package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

// Ports for programs that are told which one to listen on lie below those that the system gives to connections: one that
// was free a moment ago still is. The first is random, for there may be other runs of these tests on the machine.
const firstPort, portCount = 20_000, 10_000

var nextPort atomic.Int64

func init() { nextPort.Store(rand.Int64N(portCount)) }

// freePort returns a port that nobody listens on, and each only once.
func freePort() (string, error) {
	for range 100 {
		port := strconv.FormatInt(firstPort+nextPort.Add(1)%portCount, 10)
		if listener, err := net.Listen("tcp", ":"+port); err == nil {
			return port, listener.Close()
		}
	}
	return "", fmt.Errorf("no port of 100 is free")
}
