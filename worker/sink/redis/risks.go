package redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// Risks returns one sentence for each way in which an event can be lost there though it was accepted, or in which none is accepted, and
// what to set. It fails if the user may not ask INFO, and takes 10 s at most.
func (s *Sink) Risks(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	client := s.place.client(1)
	defer func() { _ = client.Close() }()
	info, err := client.Info(ctx).Result() // all of it: old servers return one section only
	if err != nil {
		return nil, fmt.Errorf("ask INFO: %w", s.place.explain(err))
	}
	fsync, err := client.ConfigGet(ctx, "appendfsync").Result()
	if _, answered := errors.AsType[goredis.Error](err); err != nil && !answered {
		return nil, fmt.Errorf("ask CONFIG GET: %w", s.place.explain(err))
	}
	return s.risks(fields(info), fsync["appendfsync"]), nil
}

// risks knows no appendfsync if it is empty.
func (s *Sink) risks(info map[string]string, fsync string) (all []string) {
	add := func(format string, a ...any) { all = append(all, fmt.Sprintf(format, a...)) }
	replicas, _ := strconv.Atoi(info["connected_slaves"])
	if info["role"] == "slave" {
		add("the server is a replica, which takes no event: write its primary's address into url")
	}
	switch {
	case info["aof_enabled"] == "0":
		add("appendonly is no: what came after the last snapshot is lost when the server ends; set appendonly yes and appendfsync always")
	case fsync == "":
		add("appendfsync can't be seen, since the server answers no CONFIG GET: if it is everysec, which is usual, the events of the last second are " +
			"lost with the machine; set it to always where that can be set")
	case fsync == "everysec":
		add("appendfsync is everysec: the events of the last second are lost with the machine; set it to always")
	case fsync != "always":
		add("appendfsync is %s: the events of up to half a minute are lost with the machine; set it to always", fsync)
	}
	if policy := info["maxmemory_policy"]; strings.HasPrefix(policy, "allkeys-") && info["maxmemory"] != "0" {
		add("maxmemory-policy is %s: a server whose memory is full drops whole streams, read or not; set it to noeviction", policy)
	}
	if s.opts.MaxLen > 0 {
		add("max_len is %d: older entries are removed, read or not; keep it far above what can pile up while consumers are away", s.opts.MaxLen)
	}
	switch {
	case s.opts.Replicas > replicas:
		add("replicas is %d, and %d are connected: no event is accepted; start them", s.opts.Replicas, replicas)
	case s.opts.Replicas == 0 && replicas > 0:
		add("replicas is 0, and the server has %d: when one of them takes over, what it did not have yet is lost; set replicas to 1", replicas)
	}
	return all
}

// fields reads what INFO answers.
func fields(info string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, is := strings.Cut(strings.TrimSpace(line), ":"); is {
			all[name] = value
		}
	}
	return all
}
