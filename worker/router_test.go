package worker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker"
)

func TestHandlersAreMatchedByNameAndGlob(t *testing.T) {
	router, err := worker.NewRouter([]worker.Handler{
		{Name: "all", Handle: succeed},
		{Name: "star", Types: []string{"*"}, Handle: succeed},
		{Name: "names", Types: []string{"NewFileUpload", "FileDeleted"}, Handle: succeed},
		{Name: "glob", Types: []string{"*Complete"}, Handle: succeed},
		{Name: "any type", Types: []string{"?*"}, Handle: succeed},
		{Name: "long", Types: []string{"SceneAigcImageCompleteEvent"}, Handle: succeed},
		{Name: "short", Types: []string{"SceneAigcImageComplete"}, Handle: succeed},
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[events.Type]string{
		"NewFileUpload":               "all, star, names, any type",
		"EditMediaComplete":           "all, star, glob, any type",
		"SceneAigcImageComplete":      "all, star, glob, any type, long, short",
		"SceneAigcImageCompleteEvent": "all, star, glob, any type, long, short",
		"Brand.New/Type":              "all, star",
		"":                            "all, star",
	}
	for typ, want := range tests {
		wantEqual(t, string(typ), strings.Join(router.Match(events.Event{Type: typ}), ", "), want)
	}
}

func TestBadHandlersAreRefusedWithAReason(t *testing.T) {
	tests := map[string][]worker.Handler{
		"handler 2 has no name":              {{Name: "a", Handle: succeed}, {Handle: succeed}},
		`two handlers are named "a"`:         {{Name: "a", Handle: succeed}, {Name: "a", Handle: succeed}},
		`handler "a" has nothing to call`:    {{Name: "a"}},
		`"[" is neither an event type`:       {{Name: "a", Handle: succeed, Types: []string{"["}}},
		`"" is neither an event type`:        {{Name: "a", Handle: succeed, Types: []string{""}}},
		"timeout and retry must not be neg":  {{Name: "a", Handle: succeed, Timeout: -1}},
		"timeout and retry must not be nega": {{Name: "a", Handle: succeed, Retry: worker.Retry{Tries: -1}}},
	}
	for want, handlers := range tests {
		if _, err := worker.NewRouter(handlers); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestOutcomes(t *testing.T) {
	type try func(ctx context.Context, n int) error
	tests := map[string]struct {
		try      try
		timeout  time.Duration
		retry    worker.Retry
		deadline time.Duration
		cancel   time.Duration
		kind     worker.Kind
		tries    int
		most     time.Duration
		err      string
	}{
		"success at once": {
			try:  func(context.Context, int) error { return nil },
			kind: worker.OK, tries: 1,
		},
		"success at the third try": {
			try: func(_ context.Context, n int) error {
				if n < 3 {
					return errTest
				}
				return nil
			},
			kind: worker.OK, tries: 3, most: 600 * time.Millisecond,
		},
		"three tries by default": {
			try:  func(context.Context, int) error { return errTest },
			kind: worker.Failed, tries: 3, most: 600 * time.Millisecond, err: "it broke",
		},
		"as many tries as asked for": {
			try:   func(context.Context, int) error { return errTest },
			retry: worker.Retry{Tries: 6, Initial: 10 * time.Millisecond, Max: 20 * time.Millisecond},
			kind:  worker.Failed, tries: 6, most: 100 * time.Millisecond, err: "it broke",
		},
		"a permanent error is not tried again": {
			try:  func(context.Context, int) error { return fmt.Errorf("post: %w", worker.Permanent(errTest)) },
			kind: worker.Rejected, tries: 1, err: "post: it broke",
		},
		"a panic is an error": {
			try:   func(context.Context, int) error { panic("oh") },
			retry: worker.Retry{Tries: 1},
			kind:  worker.Failed, tries: 1, err: "panic: oh",
		},
		"its own timeout is for one try": {
			try: func(ctx context.Context, n int) error {
				if n == 1 {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			},
			timeout: time.Second,
			kind:    worker.OK, tries: 2, most: 1200 * time.Millisecond,
		},
		"its own timeout names itself": {
			try:     func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() },
			timeout: time.Second, retry: worker.Retry{Tries: 1},
			kind: worker.Failed, tries: 1, most: time.Second, err: "context deadline exceeded: its timeout of 1s is over",
		},
		"the end of the handling time is not its failure": {
			try:      func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() },
			deadline: 3 * time.Second,
			kind:     worker.Expired, tries: 1, most: 3 * time.Second, err: "context deadline exceeded",
		},
		"nor is a stop": {
			try:    func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() },
			cancel: 2 * time.Second,
			kind:   worker.Interrupted, tries: 1, most: 2 * time.Second, err: "context canceled",
		},
		"a stop while it pauses": {
			try:    func(context.Context, int) error { return worker.RetryAfter(10*time.Second, errTest) },
			cancel: 2 * time.Second,
			kind:   worker.Interrupted, tries: 1, most: 2 * time.Second, err: "it broke",
		},
		"success counts even if the time is over": {
			try:      func(ctx context.Context, _ int) error { <-ctx.Done(); return nil },
			deadline: 3 * time.Second,
			kind:     worker.OK, tries: 1, most: 3 * time.Second,
		},
		"no try before what was asked for": {
			try: func(_ context.Context, n int) error {
				if n == 1 {
					return worker.RetryAfter(7*time.Second, errTest)
				}
				return nil
			},
			deadline: 25 * time.Second,
			kind:     worker.OK, tries: 2, most: 7 * time.Second,
		},
		"no waiting for a try that would be too late": {
			try:      func(context.Context, int) error { return worker.RetryAfter(time.Hour, errTest) },
			deadline: 25 * time.Second,
			kind:     worker.Failed, tries: 1, err: "it broke",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				n := 0
				router, err := worker.NewRouter([]worker.Handler{{
					Name: "h", Timeout: test.timeout, Retry: test.retry,
					Handle: func(ctx context.Context, _ events.Event) error { n++; return test.try(ctx, n) },
				}})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, test.deadline)
					defer cancel()
				}
				if test.cancel > 0 {
					stop := time.AfterFunc(test.cancel, cancel)
					defer stop.Stop()
				}
				out := router.Run(ctx, events.Event{}, []string{"h"})[0]
				wantEqual(t, "kind", out.Kind.String(), test.kind.String())
				wantEqual(t, "tries", out.Tries, test.tries)
				if out.Took > test.most || test.tries == 1 && out.Took != test.most {
					t.Errorf("took %v, want %v", out.Took, test.most)
				}
				switch {
				case test.err == "" && out.Err != nil:
					t.Errorf("error: %v", out.Err)
				case test.err != "" && (out.Err == nil || out.Err.Error() != test.err):
					t.Errorf("error: %v, want %s", out.Err, test.err)
				}
			})
		})
	}
}

func TestHandlersRunSideBySideWithTriesOfTheirOwn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		slow := func(d time.Duration, err error) func(context.Context, events.Event) error {
			return func(context.Context, events.Event) error { time.Sleep(d); return err }
		}
		router, err := worker.NewRouter([]worker.Handler{
			{Name: "a", Handle: slow(2*time.Second, nil)},
			{Name: "b", Handle: slow(time.Second, errTest), Retry: worker.Retry{Tries: 2, Initial: time.Nanosecond}},
			{Name: "c", Handle: slow(3*time.Second, nil)},
		})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		var kinds []string
		for _, out := range router.Run(t.Context(), events.Event{}, []string{"a", "b", "c"}) {
			kinds = append(kinds, fmt.Sprint(out.Handler, " ", out.Kind, " ", out.Tries))
		}
		wantEqual(t, "outcomes", strings.Join(kinds, ", "), "a ok 1, b failed 2, c ok 1")
		wantEqual(t, "took", time.Since(begin).Round(time.Millisecond), 3*time.Second)
	})
}

func TestVerdictsKeepTheirCause(t *testing.T) {
	for _, err := range []error{worker.Permanent(errTest), worker.RetryAfter(time.Second, errTest)} {
		if !errors.Is(err, errTest) || err.Error() != errTest.Error() {
			t.Errorf("%v does not wrap its cause", err)
		}
	}
	if worker.Permanent(nil) != nil || worker.RetryAfter(time.Second, nil) != nil {
		t.Error("nil did not stay nil")
	}
}

func TestAPanicKeepsItsStack(t *testing.T) {
	router, err := worker.NewRouter([]worker.Handler{{
		Name: "h", Retry: worker.Retry{Tries: 1},
		Handle: func(context.Context, events.Event) error { panic(errTest) },
	}})
	if err != nil {
		t.Fatal(err)
	}
	out := router.Run(t.Context(), events.Event{}, []string{"h"})[0]
	var panicked *worker.PanicError
	if !errors.As(out.Err, &panicked) || !strings.Contains(string(panicked.Stack), "TestAPanicKeepsItsStack") {
		t.Errorf("outcome: %+v", out)
	}
}
