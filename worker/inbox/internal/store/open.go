package store

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// Options say how a Store is opened.
type Options struct {
	// Look opens one that is there, beside whoever works on it: nothing is made, and no SQLite file is locked. Turn must
	// not be called.
	Look bool

	ahead time.Duration // of its clock, for tests
}

// Open opens the tables in the database at a URL, and makes them if they are not there. Its errors show no password.
func Open(ctx context.Context, at string, o Options) (Store, error) {
	u, err := url.Parse(at)
	if err != nil {
		return nil, errURL
	}
	switch u.Scheme {
	case "sqlite":
		return openSQLite(ctx, u, o)
	case "postgres", "postgresql":
		return openPostgres(ctx, at, o)
	}
	return nil, errURL
}

var errURL = errors.New("it must be sqlite:///PATH, or postgres://USER:PASSWORD@HOST/DATABASE")
