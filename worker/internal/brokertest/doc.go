// Package brokertest is what the tests of the sinks of brokers share: servers in processes of their own, and the suite that
// holds each of those sinks to what they all promise.
package brokertest
