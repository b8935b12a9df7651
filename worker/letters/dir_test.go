package letters_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/events"
	"github.com/vodworker/vodworker/worker/letters"
)

const castJSON = `{"EventHandle":"h1","EventType":"MediaCastStatusChanged","MediaCastStatusChangedEvent":{"CastId":"c","Status":"Idle"}}`

func TestALetterReadsBackAsItWasWritten(t *testing.T) {
	store, dir := newStore(t)
	letter := letterOf(uploadJSON, "backend", "archive")
	write(t, store, letter)

	name := letter.Event.Key() + ".json"
	got, err := store.Show(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(letter, got); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
	want := []letters.Entry{{
		Name: name, Key: letter.Event.Key(), SubAppID: 1500000001, Type: events.NewFileUpload, File: "5285890784273533167",
		Reason: letter.Reason, Missing: letter.Missing, LastError: "answered 500", Attempts: 5,
		First: noon, Last: noon.Add(time.Minute), Handle: "h1",
	}}
	if diff := cmp.Diff(want, list(t, store)); diff != "" {
		t.Errorf("-want +listed:\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`  "type": "NewFileUpload",`, `  "attempts": 5,`, `  "first": "2026-03-01T12:00:00Z",`, `  "event": ` + uploadJSON} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("no line %s in:\n%s", line, text)
		}
	}
}

func TestOnlyTheOwnerReadsLetters(t *testing.T) {
	store, dir := newStore(t)
	letter := letterOf(uploadJSON, "a")
	write(t, store, letter)
	for path, want := range map[string]fs.FileMode{"": 0o700, ".lock": 0o600, letter.Event.Key() + ".json": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has mode %o, want %o", path, got, want)
		}
	}
}

func TestTheSameEventIsOneLetterThatKeepsItsFirstFailure(t *testing.T) {
	store, _ := newStore(t)
	write(t, store, letterOf(uploadJSON, "a", "b"))
	again := letterOf(strings.Replace(uploadJSON, "h1", "h2", 1), "b")
	again.First, again.Last, again.LastError = noon.Add(time.Hour), noon.Add(2*time.Hour), "answered 502"
	write(t, store, again)

	entries := list(t, store)
	if len(entries) != 1 {
		t.Fatalf("%d letters, want 1", len(entries))
	}
	got := entries[0]
	if !got.First.Equal(noon) || !got.Last.Equal(again.Last) || got.LastError != "answered 502" || got.Handle != "h2" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"b"}, got.Missing); diff != "" {
		t.Errorf("missing: %s", diff)
	}
}

func TestEventsThatRepeatAreALetterEach(t *testing.T) {
	store, _ := newStore(t)
	write(t, store, letterOf(castJSON, "a"))
	write(t, store, letterOf(castJSON, "a"))
	write(t, store, letterOf(strings.Replace(castJSON, "h1", "h2", 1), "a"))
	key := letterOf(castJSON).Event.Key()
	got := names(list(t, store))
	if len(got) != 2 || !strings.HasPrefix(got[0], key+"-") || !strings.HasPrefix(got[1], key+"-") {
		t.Errorf("letters %q, want two of %s", got, key)
	}
}

func TestTheSameContentOfTwoApplicationsIsTwoLetters(t *testing.T) {
	store, _ := newStore(t)
	letter := letterOf(uploadJSON, "a")
	write(t, store, letter)
	letter.Event.SubAppID++
	write(t, store, letter)
	if got := len(list(t, store)); got != 2 {
		t.Errorf("%d letters, want 2", got)
	}
}

func TestLettersAreListedInTheOrderOfTheirLastFailure(t *testing.T) {
	store, dir := newStore(t)
	var want []string
	for _, file := range []string{"3", "1", "2"} {
		letter := letterOf(strings.Replace(uploadJSON, "5285890784273533167", file, 1), "a")
		letter.Last = noon.Add(time.Duration(len(want)) * time.Hour)
		write(t, store, letter)
		want = append(want, letter.Event.Key()+".json")
	}
	if err := os.WriteFile(filepath.Join(dir, "zzz.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append([]string{"zzz.json"}, want...), names(list(t, store))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestForeignFilesAreReportedAndHideNothing(t *testing.T) {
	store, dir := newStore(t)
	letter := letterOf(uploadJSON, "a")
	write(t, store, letter)
	for name, content := range map[string]string{
		"empty.json": "", "half.json": `{"key": "hunter2", "ev`, "other.json": `{"name": "hunter2"}`, "number.json": `{"key": "k", "attempts": "hunter2"}`,
		"noevent.json": `{"key": "hunter2"}`, "two.json": `{"key": "k", "event": {}, "event_base64": "aHVudGVyMg=="}`, "README.txt": "hunter2",
		".hidden": "", ".letter-123": "{",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	entries := list(t, store)
	want := []string{
		"README.txt", "empty.json", "half.json", "noevent.json", "number.json", "other.json", "two.json", letter.Event.Key() + ".json",
	}
	if diff := cmp.Diff(want, names(entries)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, entry := range entries[:len(entries)-1] {
		if entry.Err == nil || !strings.Contains(entry.Err.Error(), filepath.Join(dir, entry.Name)+": not a dead letter: ") {
			t.Errorf("%s: %v", entry.Name, entry.Err)
		} else if strings.Contains(entry.Err.Error(), "hunter2") {
			t.Errorf("the error quotes the file: %v", entry.Err)
		}
		if _, err := store.Show(t.Context(), entry.Name); err == nil {
			t.Errorf("%s can be read", entry.Name)
		}
	}
	if last := entries[len(entries)-1]; last.Err != nil || last.Key != letter.Event.Key() {
		t.Errorf("the letter is listed as %+v", last)
	}
}

func TestAnUnknownNameDoesNotExist(t *testing.T) {
	store, dir := newStore(t)
	if err := os.WriteFile(filepath.Join(dir, "../outside.json"), []byte(`{"key":"k","event":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", ".lock", "../outside.json", dir, "nothing.json"} {
		if _, err := store.Show(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("read %q: %v", name, err)
		}
		if err := store.Purge(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("remove %q: %v", name, err)
		}
	}
}

func TestRemovedLettersAreGone(t *testing.T) {
	store, _ := newStore(t)
	letter := letterOf(uploadJSON, "a")
	write(t, store, letter)
	if err := store.Purge(t.Context(), letter.Event.Key()+".json"); err != nil {
		t.Fatal(err)
	}
	if got := names(list(t, store)); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
}

func TestWritingEndsWithItsContext(t *testing.T) {
	store, dir := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Write(ctx, letterOf(uploadJSON, "a")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := names(list(t, openStore(t, dir))); len(got) != 0 {
		t.Errorf("written: %q", got)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	store, _ := newStore(t)
	write(t, store, letterOf(uploadJSON, "a"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := store.List(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("listed %v, %v", got, err)
	}
	if got, err := store.Show(ctx, letterOf(uploadJSON).Event.Key()+".json"); !errors.Is(err, context.Canceled) {
		t.Errorf("showed %v, %v", got, err)
	}
}
