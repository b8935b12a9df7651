package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/show"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/tencent"
)

// An apiCommand is a command that calls the API by itself: it needs no handlers, and with --endpoint no configuration.
type apiCommand struct {
	*app
	cmd      *cobra.Command
	endpoint string
	subAppID uint64

	usesDefaults bool // there is no configuration file
}

func addAPIFlags(cmd *cobra.Command, a *app) *apiCommand {
	c := &apiCommand{app: a, cmd: cmd}
	addConfigFlag(cmd, a)
	flags := cmd.Flags()
	flags.Func("endpoint", "`URL` of the API to call instead of vod.endpoint; with it, config.yaml may be missing",
		usage.Endpoint(&c.endpoint))
	flags.Uint64Var(&c.subAppID, "sub-app-id", 0, "application (default as configured; 0: the default application)")
	return c
}

// load reads the configuration, which need not have handlers. With --endpoint it need not be there, unless somebody names it.
func (c *apiCommand) load() (*config.Config, error) {
	loaded := config.Default()
	err := c.hasConfig()
	c.usesDefaults = err != nil && c.endpoint != "" && c.configFrom == ""
	if !c.usesDefaults {
		if err != nil {
			return nil, err
		}
		if loaded, err = loadWithoutHandlers(c.configFile); err != nil {
			return nil, err
		}
	}
	if c.endpoint != "" {
		loaded.VOD.Endpoint = c.endpoint
	}
	return loaded, nil
}

// applications returns those that the command is for: the one that --sub-app-id names, or all.
func (c *apiCommand) applications(config *config.Config) []uint64 {
	if c.cmd.Flags().Changed("sub-app-id") {
		return []uint64{c.subAppID}
	}
	return config.Applications()
}

// An openApplication is the one that a command is for.
type openApplication struct {
	*tencent.Source
	config *config.Config
	name   string
	keys   io.Closer
}

// one loads the configuration and opens the one application that the command is for. The caller closes it.
func (c *apiCommand) one() (*openApplication, error) {
	config, err := c.load()
	if err != nil {
		return nil, err
	}
	ids := c.applications(config)
	if len(ids) > 1 {
		return nil, usageError{fmt.Errorf("several applications are configured, %s: choose one with --sub-app-id", show.And(ids))}
	}
	keys, err := c.keyring(c.cmd.Context(), config, zerolog.Nop())
	if err != nil {
		return nil, usageError{err}
	}
	source, err := newSource(config, ids[0], keys)
	if err != nil {
		return nil, usageError{errors.Join(err, keys.Close())}
	}
	return &openApplication{source, config, applicationName(ids[0]), keys}, nil
}

// Close closes what one has opened.
func (o *openApplication) Close() error { return errors.Join(o.Source.Close(), o.keys.Close()) }
