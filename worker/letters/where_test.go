package letters_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/events/condition"
	"github.com/vodworker/vodworker/worker"
	"github.com/vodworker/vodworker/worker/letters"
)

// What a letter names was decided when its event came. Only one that nobody wanted is for whoever wants it now.
func TestAReplayAsksNoConditionOfTheHandlersInALetter(t *testing.T) {
	var mu sync.Mutex
	var ran []string
	of := func(name, fileID string) worker.Handler {
		return worker.Handler{
			Name: name, Where: []condition.Condition{{JSON: "FileUploadEvent.FileId", In: []string{fileID}}},
			Handle: func(context.Context, events.Event) error {
				mu.Lock()
				defer mu.Unlock()
				ran = append(ran, name)
				return nil
			},
		}
	}
	router, err := worker.NewRouter([]worker.Handler{of("a", "5285890784273533167"), of("b", "none"), of("c", "none")})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ missing, want []string }{
		{[]string{"b"}, []string{"b"}},
		{[]string{"a", "c"}, []string{"a", "c"}},
		{nil, []string{"a"}},
	} {
		ran = nil
		store, _ := newStore(t)
		write(t, store, letterOf(uploadJSON, test.missing...))
		replay := letters.Replay{Store: store, Router: router}
		wantReplayed(t, replay.Run(t.Context(), names(list(t, store))), letters.Replayed{Gone: 1})
		if slices.Sort(ran); !slices.Equal(ran, test.want) {
			t.Errorf("of a letter that lacks %q ran %q, want %q", test.missing, ran, test.want)
		}
	}
}
