package main

import (
	"context"
	"errors"
	"testing"
)

// Neither the receiver nor the workers go on alone, whichever of them ends: the program is not to be half alive.
func TestNeitherOutlivesTheOther(t *testing.T) {
	errBroken := errors.New("the listener broke")
	ends := func(context.Context) error { return errBroken }
	waits := func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}
	for name, test := range map[string]struct{ receive, consume func(context.Context) error }{
		"the receiver ends": {ends, waits},
		"the workers end":   {waits, ends},
		"no receiver":       {nil, ends},
	} {
		if err := beside(t.Context(), part{test.receive, endedReceiving}, part{test.consume, endedPulling}); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
