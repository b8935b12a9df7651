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
	if err := a.hasConfig(); err != nil {
		return nil, zerolog.Nop(), err
	}
	config, err := loadConfig(a.configFile)
	if err != nil {
		return nil, zerolog.Nop(), err
	}
	log, err := a.logger(config.Log)
	return config, log, err
}

// loadToLook is load for commands that look at what is kept, and hand events to nobody.
func (a *app) loadToLook() (*config.Config, error) {
	if err := a.hasConfig(); err != nil {
		return nil, err
	}
	return loadWithoutHandlers(a.configFile)
}

// loadWithoutHandlers is loadConfig for commands that hand events to nobody.
func loadWithoutHandlers(file string) (*config.Config, error) {
	loaded, err := loadConfig(file)
	if err != nil && !errors.Is(err, config.ErrNoHandlers) {
		return nil, err
	}
	return loaded, nil
}

// loadConfig reads the file. Its errors are usage errors, and say where in the file they are.
func loadConfig(file string) (*config.Config, error) {
	text, err := readText(file)
	if err != nil {
		return nil, usageError{err}
	}
	loaded, err := config.Parse(file, text, os.LookupEnv, readSecretFile)
	if err != nil {
		return loaded, usageError{err}
	}
	return loaded, nil
}

// readText returns what is in a configuration file, or so much of it that it is seen to be too large for one.
func readText(file string) ([]byte, error) {
	text, err := readSome(file, config.MaxText+1)
	info, statErr := os.Stat(file)
	switch {
	case statErr == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a folder; name the configuration file in it", file)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s may not be read; give the user of vodworker the right to read it", file)
	case err != nil:
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return text, nil
}

// logWarnings logs what is hardly meant so in a configuration.
func (a *app) logWarnings(config *config.Config, log zerolog.Logger) {
	level := zerolog.WarnLevel
	if a.drains {
		level = zerolog.InfoLevel
	}
	for _, warning := range config.Warnings {
		log.WithLevel(level).Msg(warning.String())
	}
	endings := []string{ending("dead_letters", config.DeadLetters.Place)}
	for i, h := range config.Handlers {
		endings = append(endings, ending(handlerKey(i), h.Place))
	}
	for _, ending := range endings {
		if ending != "" {
			log.WithLevel(level).Msg(ending)
		}
	}
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
func readSecretFile(path string) ([]byte, error) { return readSome(path, config.MaxSecret+1) }

func readSome(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, most))
}
