package store

import (
	"context"
	"fmt"
	"testing"

	"github.com/vodworker/vodworker/worker/internal/postgrestest"
)

func TestPostgresSuite(t *testing.T) {
	server, n := postgrestest.Start(t), 0
	suite(t, func(t *testing.T) func(Options) Store {
		n++
		url := server.Database(fmt.Sprint("suite", n))
		return func(o Options) Store {
			s, err := Open(context.Background(), url, o)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	})
}
