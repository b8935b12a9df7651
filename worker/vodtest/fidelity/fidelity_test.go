package fidelity_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vodworker/vodworker/worker/vodtest"
	"github.com/vodworker/vodworker/worker/vodtest/fidelity"
)

var update = flag.Bool("update", false, "write FIDELITY.md anew")

func TestSomethingIsSaidOfEveryAction(t *testing.T) {
	for _, action := range vodtest.Actions() {
		is := func(row fidelity.Row) bool { return row.Subject == action }
		if !slices.ContainsFunc(fidelity.Rows(), is) {
			t.Errorf("nothing is said of %s", action)
		}
	}
}

func TestEveryRateIsSaid(t *testing.T) {
	for action, rate := range vodtest.DocumentedQuota().Rates {
		says := func(row fidelity.Row) bool {
			return row.Subject == "--quota" && strings.Contains(row.What, action) && strings.Contains(row.What, fmt.Sprintf("%d times", rate))
		}
		if !slices.ContainsFunc(fidelity.Rows(), says) {
			t.Errorf("nothing says that %s may be called %d times a second", action, rate)
		}
	}
}

func TestEveryRowIsShortAndRestsOnSomething(t *testing.T) {
	const widest = 77 // so that a line of the command is at most 130 columns
	seen := map[string]bool{}
	for _, row := range fidelity.Rows() {
		if row.Subject == "" || row.What == "" || strings.Contains(row.What, "|") || seen[row.Subject+row.What] {
			t.Errorf("%+v says nothing, or what another says, or fits no table", row)
		}
		seen[row.Subject+row.What] = true
		if n := utf8.RuneCountInString(row.What); n > widest {
			t.Errorf("%s: %s: that is %d characters long, and at most %d fit", row.Subject, row.What, n, widest)
		}
		switch row.Basis {
		case "documented", "inferred":
			if row.Source == "" {
				t.Errorf("%s: %s: nobody says what that rests on", row.Subject, row.What)
			}
		case "guessed":
			if row.Source != "" {
				t.Errorf("%s: %s: it is guessed, and has the source %s", row.Subject, row.What, row.Source)
			}
		default:
			t.Errorf("%s: %s: it is %q", row.Subject, row.What, row.Basis)
		}
	}
}

const head = `# How like VOD the emulator is

What the emulator does, and how that is known: VOD **documents** it; it is **inferred** from what is documented, from samples, or
from a service that VOD is built on; or it is **guessed**, since nothing is said. Where a row says that the emulator lacks
something, or does it otherwise, that is how it is known of VOD. What is lacking is refused as UnsupportedOperation. SDK stands for
the comments of the official SDK.

The command "vodworker emulate fidelity" prints the same. A test compares, and "go test ./worker/vodtest/fidelity -update" writes
this page.

| | what the emulator does | known | from |
|---|---|---|---|
`

func TestThePageSaysTheSame(t *testing.T) {
	page := filepath.Join("..", "FIDELITY.md")
	var want strings.Builder
	want.WriteString(head)
	last := ""
	for _, row := range fidelity.Rows() {
		subject := row.Subject
		if subject == last {
			subject = ""
		} else if last = subject; !strings.Contains(subject, " ") {
			subject = "`" + subject + "`"
		}
		fmt.Fprintf(&want, "| %s | %s | %s | %s |\n", subject, row.What, row.Basis, linked(row.Source))
	}
	if *update {
		if err := os.WriteFile(page, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(page)
	if err != nil || string(written) != want.String() {
		t.Errorf("%s is not what Rows says (%v): run this with -update", page, err)
	}
}

// linked makes links of the numbers of documents.
func linked(source string) string {
	site, number := "https://cloud.tencent.com", source
	if rest, intl := strings.CutPrefix(source, "intl "); intl {
		site, number = "https://www.tencentcloud.com", rest
	}
	if !strings.Contains(number, "/") {
		return source
	}
	return fmt.Sprintf("[%s](%s/document/product/%s)", number, site, number)
}
