package store

import (
	"fmt"
	"strings"
)

// version is that of the tables. A program refuses tables of a version that it does not know.
const version = 1

func errNewer(found int) error {
	return fmt.Errorf("its tables are of version %d, and this program knows %d; use the program that made them, or a newer one",
		found, version)
}

// schema makes the tables, for both kinds of database: what differs stands in braces. A job's at is since when it is in its
// state; of one that waits, before when it is not to be claimed, and its place in the queue: see inFront. first and last are its
// first and last failure. Each index holds what is looked for all the time, and no more.
const schema = `
create table vodworker_inbox (version integer not null);
create table vodworker_process (id text primary key, seen bigint not null);
create table vodworker_event (
	number {serial},
	id text not null unique,
	app bigint not null,
	type text not null,
	file text not null,
	task text not null,
	handle text not null,
	stored bigint not null,
	body {bytes} not null
);
create table vodworker_job (
	number {serial},
	event bigint not null references vodworker_event (number) on delete cascade,
	handler text not null,
	state smallint not null,
	at bigint not null,
	run bigint not null default 0,
	owner text not null default '',
	starts integer not null default 0,
	attempts integer not null default 0,
	failures integer not null default 0,
	first bigint not null default 0,
	last bigint not null default 0,
	error text not null default '',
	reason text not null default '',
	unique (event, handler)
);
create index vodworker_job_waiting on vodworker_job (handler, at, number) where state = 0;
create index vodworker_job_least on vodworker_job (handler, failures, at, number) where state = 0;
create index vodworker_job_suspect on vodworker_job (handler, at, number) where state = 0 and starts >= 2;
create index vodworker_job_running on vodworker_job (owner) where state = 1;
create index vodworker_job_finished on vodworker_job (at) where state = 2;
create index vodworker_job_dead on vodworker_job (event) where state = 3;
create index vodworker_event_file on vodworker_event (file) where file <> '';
create index vodworker_event_task on vodworker_event (task) where task <> '';
`

// What tells a suspect stands in a statement as a number, so that the index is used.
var (
	isSuspect = fmt.Sprintf("starts >= %d", Suspect)
	isCalm    = fmt.Sprintf("starts < %d", Suspect)
)

// statements returns those of the schema.
func statements(serial, bytes string) []string {
	text := strings.NewReplacer("{serial}", serial, "{bytes}", bytes).Replace(schema)
	return strings.Split(strings.TrimSuffix(strings.TrimSpace(text), ";"), ";\n")
}
