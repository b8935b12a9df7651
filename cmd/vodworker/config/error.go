package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An Error is a mistake in a configuration: where it is, what it is, and what to write instead. It holds no secret.
type Error struct {
	File         string
	Line, Column int    // from 1; a tab counts as one. 0: it is in no line, but in a variable that stands for a key
	Text         string // the mistake; the advice

	key     string // that it is about, as far as known
	cause   error
	excerpt string
}

// Error returns FILE:LINE:COLUMN: and the text; the text alone where there is no line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// Unwrap returns what the mistake led to, such as [ErrNoHandlers]; often nothing.
func (e *Error) Unwrap() error { return e.cause }

// Excerpt returns two lines for a person: the line of the file as far as it may be shown, and a caret below the mistake.
func (e *Error) Excerpt() string { return e.excerpt }

// A Warning is about something that works, and is hardly meant so. It has the form of an [Error].
type Warning Error

func (w Warning) String() string { return (*Error)(&w).Error() }

// A source is the text of a configuration, where its keys stand in it, and what is wrong with it.
type source struct {
	file  string
	lines []string        // without line ends
	spots map[string]spot // by key, such as handlers[0].file.path; "" is all of the file

	oddVariables map[string]string // by key: what is odd about a variable in its value; another mistake there comes of that
	overridden   map[string]string // by key: the variable that stands for it
	unexpanded   map[string]string // by key: its value as it is written, if variables are replaced in it

	errs     []*Error
	warnings []*Error
}

// newError places a text within the lines. shown is the excerpt's part that begins at the column.
func (s *source) newError(line, column int, shown, format string, args ...any) *Error {
	line = min(max(line, 1), len(s.lines))
	runes := []rune(s.lines[line-1])
	column = min(max(column, 1), len(runes)+1)
	before := string(runes[:column-1])
	if !shownBefore.MatchString(before) {
		before = "… "
	}
	number := fmt.Sprintf("%5d | ", line)
	return &Error{
		File: s.file, Line: line, Column: column, Text: fmt.Sprintf(format, args...),
		excerpt: number + before + shown + "\n" + strings.Repeat(" ", len(number)+len([]rune(before))) + "^",
	}
}

// shownBefore matches what may stand before a mistake and is no value, since a value may be a secret.
var shownBefore = regexp.MustCompile(`^ *(- +)*([a-z_]+: +)?$`)

func (s *source) add(err *Error) { s.errs = append(s.errs, err) }

// err returns all mistakes; nil if there is none.
func (s *source) err() error {
	var all []error
	for _, err := range inOrder(s.errs) {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// sortedWarnings returns all warnings; nil if there is none.
func (s *source) sortedWarnings() (all []Warning) {
	for _, warning := range inOrder(s.warnings) {
		all = append(all, Warning(*warning))
	}
	return all
}

// inOrder returns what is said in the order of the file, each once: what is merged into several handlers is one mistake.
func inOrder(all []*Error) []*Error {
	slices.SortStableFunc(all, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	said := map[string]bool{}
	return slices.DeleteFunc(all, func(err *Error) bool {
		text := err.Error()
		defer func() { said[text] = true }()
		return said[text]
	})
}
