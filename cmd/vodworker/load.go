package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/rs/zerolog"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker/letters"
)

// load reads the configuration, with the flags that override it.
func (a *app) load() (*config.Config, zerolog.Logger, error) {
	config, err := loadConfig(a.configFile)
	if err != nil {
		return nil, zerolog.Nop(), err
	}
	log, err := a.logger(config.Log)
	return config, log, err
}

// loadWithoutHandlers is loadConfig for commands that hand events to nobody.
func loadWithoutHandlers(file string) (*config.Config, error) {
	loaded, err := loadConfig(file)
	if err != nil && !errors.Is(err, config.ErrNoHandlers) {
		return nil, err
	}
	return loaded, nil
}

// loadConfig reads the file. Its errors are usage errors and show the line that they are about.
func loadConfig(file string) (*config.Config, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{fmt.Errorf("there is no configuration file %s: make one, or name another with --config", file)}
	}
	if err != nil {
		return nil, usageError{fmt.Errorf("read the configuration: %w", err)}
	}
	loaded, err := config.Parse(text, os.LookupEnv, readSecretFile)
	if err != nil {
		return loaded, usageError{fmt.Errorf("%s: %w", file, err)}
	}
	return loaded, nil
}

// logWarnings logs what is hardly meant so in a configuration.
func logWarnings(config *config.Config, log zerolog.Logger, level zerolog.Level) {
	if exposed := letters.Exposed(config.DeadLetters.Dir); exposed != "" {
		log.WithLevel(level).Msg("dead letters: " + exposed)
	}
}

// readSecret returns the secret that is in a file.
func readSecret(file string) (string, error) {
	text, err := readSecretFile(file)
	if err != nil {
		return "", err
	}
	return config.Secret(file, text)
}

// readSecretFile returns what is in a file, or so much of it that it is seen to be too large for a secret.
func readSecretFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, config.MaxSecret+1))
}
