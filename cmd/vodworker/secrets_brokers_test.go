package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// brokers are handlers for each kind, with passwords of their own.
func (s *secretive) brokers() string {
	login := func() string {
		return "username: user, " + s.give("password", s.new("handlers[].BROKER.password", false))
	}
	const handler = "  - {name: %s, events: NewFileUpload, retry: {tries: 1}, timeout: 3s, %s}\n"
	var all strings.Builder
	for name, place := range map[string]string{
		"kafka":    "kafka: {brokers: '" + s.broker + "', topic: t, mechanism: PLAIN, " + login() + "}",
		"nats":     "nats: {servers: 'nats://" + s.broker + "', stream: s, subject: t, " + login() + "}",
		"token":    "nats: {servers: 'nats://" + s.broker + "', stream: s, subject: t, " + s.give("token", s.new("handlers[].nats.token", false)) + "}",
		"redis":    "redis: {url: 'redis://" + s.broker + "', stream: s, " + login() + "}",
		"rabbitmq": "rabbitmq: {url: 'amqp://" + s.broker + "', routing_key: k, " + login() + "}",
	} {
		fmt.Fprintf(&all, handler, name, place)
	}
	return all.String()
}

// echoingBroker refuses whatever it is sent, and quotes it, as Redis may.
func echoingBroker(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buffer := make([]byte, 4<<10)
				for {
					n, err := conn.Read(buffer)
					if err != nil {
						return
					}
					_, _ = fmt.Fprintf(conn, "-ERR %s\r\n", strings.Join(strings.Fields(string(buffer[:n])), " "))
				}
			}()
		}
	}()
	return listener.Addr().String()
}
