package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/tencent"
)

func settingsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Show or change how VOD notifies: the mode, the callback URL, the event switches",
		Args:  usage.None,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(showSettingsCommand(a), setSettingsCommand(a))
	return cmd
}

func showSettingsCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show the event settings of each application that is configured",
		Long: `Show the event settings of each application that is configured, by DescribeEventConfig: the key must be allowed to call
that. It changes nothing.`,
	}
	c := addAPIFlags(cmd, a)
	cmd.Flags().BoolVar(&asJSON, "json", false, "a line of JSON for each application, with the API's names")
	cmd.RunE = func(*cobra.Command, []string) error { return c.showSettings(asJSON) }
	return cmd
}

func (c *apiCommand) showSettings(asJSON bool) (err error) {
	config, err := c.load()
	if err != nil {
		return err
	}
	keys, err := c.keyring(c.cmd.Context(), config, zerolog.Nop())
	if err != nil {
		return usageError{err}
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	show := settingsTable
	if asJSON {
		show = settingsJSON
	}
	for i, id := range c.applications(config) {
		source, err := newSource(config, id, keys)
		if err != nil {
			return usageError{err}
		}
		settings, err := source.Settings(c.cmd.Context())
		_ = source.Close() // it has no more to do
		if err != nil {
			return fmt.Errorf("application %s: DescribeEventConfig: %w", applicationName(id), err)
		}
		if i > 0 && !asJSON {
			fmt.Fprintln(c.stdout)
		}
		if err := show(c.stdout, id, settings); err != nil {
			return err
		}
	}
	return nil
}

func settingsTable(w io.Writer, subAppID uint64, s tencent.Settings) error {
	mode, url := "", "where events are posted"
	switch s.Mode {
	case tencent.ModePull:
		mode, url = "events are queued, for run and drain to pull", "used in PUSH mode only"
	case tencent.ModePush:
		mode = "events are posted to the callback URL; there is nothing to pull"
		if s.NotificationURL == "" {
			url = "events are posted nowhere"
		}
	}
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range [][3]string{
		{"application", applicationName(subAppID), ""},
		{"mode", s.Mode, mode},
		{"callback URL", show.URL(s.NotificationURL), url},
		{"upload", onOff(s.Upload), "NewFileUpload is " + sentOrNot(s.Upload)},
		{"delete", onOff(s.Deletion), "FileDeleted is " + sentOrNot(s.Deletion)},
		{"persistence", onOff(s.Persistence), "PersistenceComplete is " + sentOrNot(s.Persistence)},
	} {
		line := row[0] + "\t" + orDash(show.Plain(row[1]))
		if row[2] != "" {
			line += "\t" + row[2]
		}
		fmt.Fprintln(rows, line)
	}
	return rows.Flush()
}

func settingsJSON(w io.Writer, subAppID uint64, s tencent.Settings) error {
	return show.Lines(w).Encode(struct {
		SubAppID    uint64 `json:"SubAppId"`
		Mode        string
		URL         string `json:"NotificationUrl"`
		Upload      string `json:"UploadMediaCompleteEventSwitch"`
		Deletion    string `json:"DeleteMediaCompleteEventSwitch"`
		Persistence string `json:"PersistenceCompleteEventSwitch"`
	}{subAppID, s.Mode, show.URL(s.NotificationURL), onOff(s.Upload), onOff(s.Deletion), onOff(s.Persistence)})
}

// differences shows what changes, a line for each setting.
func differences(before, after tencent.Settings, change tencent.SettingsChange) string {
	var out strings.Builder
	for _, row := range [][3]string{
		{"mode", before.Mode, after.Mode},
		{"callback URL", before.NotificationURL, after.NotificationURL},
		{"upload", onOff(before.Upload), onOff(after.Upload)},
		{"delete", onOff(before.Deletion), onOff(after.Deletion)},
		{"persistence", onOff(before.Persistence), onOff(after.Persistence)},
	} {
		if row[1] != row[2] {
			fmt.Fprintf(&out, "  %-13s %s → %s\n", row[0], orDash(show.Plain(show.URL(row[1]))), orDash(show.Plain(show.URL(row[2]))))
		}
	}
	if change.SignKey != nil {
		fmt.Fprintf(&out, "  %-13s a new one\n", "sign key")
	}
	return out.String()
}
