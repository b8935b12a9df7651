// Package broker is what the sinks of brokers share: the names of topics and streams, made of an event's fields, and what stands
// beside a message.
package broker
