package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

// configVariable names the configuration where neither an argument nor a flag does.
const configVariable = "VODWORKER_CONFIG"

// addConfigFlag is for what may call somebody, as configured. A command without arguments of its own takes the configuration
// as one, too.
func addConfigFlag(cmd *cobra.Command, a *app) {
	alone := !strings.Contains(cmd.Use, " ")
	if alone {
		cmd.Use += " [FILE]"
		cmd.Args = usage.AtMostOne("the configuration's FILE")
	}
	cmd.Flags().StringVarP(&a.configFile, "config", "c", "config.yaml", "configuration `FILE`; "+configVariable+" names another")
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if err := checkEnvironment(); err != nil {
			return usageError{err}
		}
		if !alone {
			args = nil
		}
		return a.chooseConfig(cmd, args)
	}
}

// chooseConfig takes the configuration's name from the argument or the flag, else from the environment.
func (a *app) chooseConfig(cmd *cobra.Command, args []string) error {
	flagged := cmd.Flags().Changed("config")
	variable := os.Getenv(configVariable)
	switch odd := config.OddVariable(configVariable, variable); {
	case len(args) > 0 && flagged:
		return usageError{fmt.Errorf("the configuration is named twice, as %s and with --config %s: name it once",
			args[0], a.configFile)}
	case len(args) > 0:
		a.configFile, a.configFrom = args[0], "the command line"
	case flagged:
		a.configFrom = "--config"
	case odd != "":
		return usageError{errors.New(odd)}
	case variable != "":
		a.configFile, a.configFrom = variable, configVariable
	}
	if a.configFile == "" {
		return usageError{errors.New("the configuration's name is empty: write --config FILE")}
	}
	return nil
}

// hasConfig fails if there is no such file, and says who named it.
func (a *app) hasConfig() error {
	if _, err := os.Stat(a.configFile); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	named := a.configFile
	if a.configFrom != "" {
		named += ", which " + a.configFrom + " names"
	}
	return usageError{fmt.Errorf("there is no configuration file %s: make one with '%s', or name another with --config FILE or %s",
		named, a.named("init"), configVariable)}
}

// named returns a command that finds the configuration as this one does.
func (a *app) named(command string) string {
	command = "vodworker " + command
	if a.configFrom == "" || a.configFrom == configVariable {
		return command
	}
	return command + " " + show.File(a.configFile)
}
