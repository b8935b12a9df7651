package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// reachLimit is for all that is asked.
const reachLimit = 10 * time.Second

// reachPostgres asks a server what it is, and what this user may do there.
func reachPostgres(ctx context.Context, at string) (found string, risks []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	config, err := parsePostgres(at)
	if err != nil {
		return "", nil, err
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	s, err := askServer(ctx, db)
	if err != nil {
		return "", nil, explained(err, config)
	}
	if err := s.refuses(); err != nil {
		return "", nil, err
	}
	there := "can be made"
	if s.tables.Valid {
		there = "are there"
	}
	found = fmt.Sprintf("database %s of PostgreSQL %s at %s, whose tables %s", s.database, s.version, config.Host, there)
	return found, s.risks(), nil
}

// A server is what one tells of itself.
type server struct {
	version, database, user, fsync, fullPages, readOnly string

	number    int            // of its version, such as 150018
	schema    sql.NullString // where tables are made
	tables    sql.NullInt64  // their version
	mayMake   bool
	mayChange bool
}

// oldest is the version of PostgreSQL that first has all that is asked of it.
const oldest = 90500

var errReplica = errors.New("the server takes no writes, as a replica does; name the primary")

var errNoSchema = errors.New("its search_path names no schema that is there; make one, or change search_path")

const aboutServer = `
select split_part(current_setting('server_version'), ' ', 1), current_setting('server_version_num')::integer, current_database(),
	current_user, current_setting('fsync'), current_setting('full_page_writes'), current_setting('transaction_read_only'),
	current_schema(), coalesce(has_schema_privilege(current_schema(), 'create'), false), to_regclass('vodworker_inbox') is not null`

const aboutTables = `
select (select max(version) from vodworker_inbox),
	bool_and(has_table_privilege(name, 'select') and has_table_privilege(name, 'insert')
	and has_table_privilege(name, 'update') and has_table_privilege(name, 'delete'))
from (values ('vodworker_process'), ('vodworker_event'), ('vodworker_job')) as t (name)`

func askServer(ctx context.Context, db *sql.DB) (s server, err error) {
	var there bool
	err = db.QueryRowContext(ctx, aboutServer).Scan(&s.version, &s.number, &s.database, &s.user, &s.fsync, &s.fullPages, &s.readOnly,
		&s.schema, &s.mayMake, &there)
	if err == nil && there {
		err = db.QueryRowContext(ctx, aboutTables).Scan(&s.tables, &s.mayChange)
	}
	return s, err
}

// refuses says why nothing can be stored there.
func (s server) refuses() error {
	switch {
	case s.number < oldest:
		return fmt.Errorf("PostgreSQL %s is too old; use 9.5 or newer", s.version)
	case s.readOnly == "on":
		return errReplica
	case s.tables.Int64 > version:
		return errNewer(int(s.tables.Int64))
	case s.tables.Valid && !s.mayChange:
		return errMayNot(s.user)
	case s.tables.Valid:
		return nil
	case !s.schema.Valid:
		return errNoSchema
	case !s.mayMake:
		return fmt.Errorf("%s may not make tables in it; grant create on schema %s to %[1]s", s.user, s.schema.String)
	}
	return nil
}

func errMayNot(user string) error {
	return fmt.Errorf("%s may not read and change all of its tables; grant select, insert, update, delete on them", user)
}

func (s server) risks() (all []string) {
	for _, setting := range [][2]string{{"fsync", s.fsync}, {"full_page_writes", s.fullPages}} {
		if setting[1] != "on" {
			all = append(all, setting[0]+" is off: events that are confirmed can be lost when the server's machine ends: set it to on")
		}
	}
	return all
}

// explained says what is to be done about an answer of a server that refuses, or about none. What says so already stays as
// it is.
func explained(err error, config *pgx.ConnConfig) error {
	refused, isAnswer := err.(*pgconn.PgError) //nolint:errorlint // whoever has wrapped one has said what to do
	failed, isConnect := errors.AsType[*pgconn.ConnectError](err)
	if isConnect {
		refused, isAnswer = errors.AsType[*pgconn.PgError](failed)
	}
	switch {
	case !isAnswer && (isConnect || isCut(err)):
		return unreached(err, config)
	case !isAnswer:
		return err
	case strings.HasPrefix(refused.Code, "28"):
		return fmt.Errorf("the server does not let %s in: %s; look at the user, the password, and its pg_hba.conf",
			config.User, refused.Message)
	case refused.Code == "3D000":
		return fmt.Errorf("the server says: %s; make it, or name another", refused.Message)
	case refused.Code == "3F000":
		return errNoSchema
	case refused.Code == "25006":
		return errReplica
	case refused.Code == "42P01":
		return fmt.Errorf("the server says: %s; the inbox's tables are gone: restore them, or start vodworker anew to make them",
			refused.Message)
	case refused.Code == "42501":
		return fmt.Errorf("the server says: %s; grant %s select, insert, update, delete on the tables", refused.Message, config.User)
	case refused.Code == "53100":
		return fmt.Errorf("%w: the server says: %s: its disk is full: make room", ErrUnreached, refused.Message)
	case strings.HasPrefix(refused.Code, "53"), strings.HasPrefix(refused.Code, "57"): // full, or about to start or to stop
		return fmt.Errorf("%w: the server says: %s: try again later", ErrUnreached, refused.Message)
	}
	return fmt.Errorf("the server says: %s (%s); look at its log, and at what stands behind the ?", refused.Message, refused.Code)
}

// isCut reports whether a connection has ended in the middle, or stands still. It is not, if who has asked has gone.
func isCut(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	for _, end := range []error{context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn} {
		if errors.Is(err, end) {
			return true
		}
	}
	_, is := errors.AsType[net.Error](err)
	return is || pgconn.SafeToRetry(err) // the driver has closed it
}

func unreached(err error, config *pgx.ConnConfig) error {
	if strings.Contains(err.Error(), "tls error") {
		return fmt.Errorf("%w: %w: look at sslmode, sslrootcert and the server's certificate", ErrUnreached, network(err))
	}
	return fmt.Errorf("%w: connect to %s: %w: is it running, and may this machine connect to it?", ErrUnreached,
		net.JoinHostPort(config.Host, fmt.Sprint(config.Port)), network(err))
}

// network returns what the network says of a connection, on one line.
func network(err error) error {
	if dns, is := errors.AsType[*net.DNSError](err); is {
		return dns
	}
	if op, is := errors.AsType[*net.OpError](err); is {
		return op.Err
	}
	if connecting, is := errors.AsType[*pgconn.ConnectError](err); is {
		err = connecting.Unwrap()
	}
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
