package main

import (
	_ "embed"
	"io"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

func configCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show what holds of a configuration, and the schema of all of them",
		Args:  usage.None,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(showConfigCommand(a), schemaCommand(a))
	return cmd
}

func showConfigCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show each value that holds, and where it is from",
		Long: `Show each value that holds, as a configuration, with the line, the variables or the default that it is from. Secrets
are ` + config.Hidden + `, and a text with a variable in it is shown as it is written. It asks nobody.`,
		RunE: func(*cobra.Command, []string) error { return a.showConfig(asJSON) },
	}
	addConfigFlag(cmd, a)
	cmd.Flags().BoolVar(&asJSON, "json", false, "a line of JSON for each value")
	return cmd
}

func (a *app) showConfig(asJSON bool) error {
	if err := a.hasConfig(); err != nil {
		return err
	}
	loaded, err := loadWithoutHandlers(a.configFile)
	if err != nil {
		return err
	}
	settings := loaded.Settings()
	if !asJSON {
		_, err := io.WriteString(a.stdout, config.YAML(settings))
		return err
	}
	lines := show.Lines(a.stdout)
	for _, setting := range settings {
		if err := lines.Encode(setting); err != nil {
			return err
		}
	}
	return nil
}

// referencePage has a line on each key.
//
//go:embed REFERENCE.md
var referencePage string

func schemaCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of configurations, for editors",
		Long: `Print the JSON Schema (2020-12) of configurations. An editor with yaml-language-server completes and checks a file
whose first line is

  # yaml-language-server: $schema=vodworker.schema.json

when this was written there: vodworker config schema > vodworker.schema.json. 'vodworker check' checks more.`,
		Args: usage.None,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(config.Schema(config.Describe(referencePage)))
			return err
		},
	}
}
