package console

import (
	"net/http"
	"slices"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/fidelity"
)

func TestControlTellsHowLikeVODTheEmulatorIs(t *testing.T) {
	var answer struct{ Rows []fidelity.Row }
	status := controlled(t, vodtest.New(vodtest.Config{}), "GET", "fidelity", "", &answer)
	if status != http.StatusOK || len(answer.Rows) == 0 || !slices.Equal(answer.Rows, fidelity.Rows()) {
		t.Errorf("fidelity is answered %d %+v", status, answer)
	}
}
