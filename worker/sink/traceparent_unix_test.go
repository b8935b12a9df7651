//go:build unix

package sink_test

import "testing"

func TestAProgramGetsTheTraceOfItsEventAndNotOurs(t *testing.T) {
	t.Setenv("TRACEPARENT", "00-11111111111111111111111111111111-1111111111111111-01")
	for context, want := range map[string]string{trace: trace, "none": "unset"} {
		x, log := shell(t, `echo "${TRACEPARENT-unset}"`)
		if err := x.Handle(t.Context(), started(context)); err != nil {
			t.Fatal(err)
		}
		if _, got := output(t, log); got != want {
			t.Errorf("%s: %s", context, got)
		}
	}
}
