package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

// make sets these with the linker's -X: the version is 1.2.3 or 0.0.0-COMMIT, the date the commit's, as RFC 3339 in UTC.
var version, commit, date string

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, its commit and the commit's date",
		Args:  usage.None,
		RunE:  func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

func (a *app) printVersion() error {
	_, err := fmt.Fprintf(a.stdout, "vodworker %s (commit %s, %s) %s %s/%s\n", versionText(),
		cmp.Or(commitText(), "unknown"), cmp.Or(date, built("vcs.time"), "no date"),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "(devel)"
}

// commitText is what it was built from; empty if the build does not say.
func commitText() string { return cmp.Or(commit, built("vcs.revision")) }

// built returns what go build has noted of the commit; "" if nothing.
func built(key string) string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == key {
			return setting.Value
		}
	}
	return ""
}
