package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// A recipe is what a Dockerfile says that begins with nothing and only copies.
type recipe struct {
	file   string
	arch   string
	copies [][2]string // from, in the context; to
	config v1.Config
}

// parse reads the instructions that the Dockerfiles use, and refuses all others: docker build makes of them what is made here.
func parse(file, text, arch string) (*recipe, error) {
	r := &recipe{file: file, arch: arch}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		instruction, rest, _ := strings.Cut(strings.ReplaceAll(line, "${TARGETARCH}", arch), " ")
		if err := r.add(instruction, rest); err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", file, i+1, line, err)
		}
	}
	return r, nil
}

func (r *recipe) add(instruction, rest string) error {
	words := strings.Fields(rest)
	switch {
	case instruction == "FROM" && rest == "scratch", instruction == "ARG" && rest == "TARGETARCH":
	case instruction == "COPY" && len(words) == 2:
		r.copies = append(r.copies, [2]string(words))
	case instruction == "USER" && len(words) == 1:
		r.config.User = rest
	case instruction == "ENV" && len(words) == 1:
		r.config.Env = append(r.config.Env, rest)
	case instruction == "EXPOSE" && len(words) == 1:
		r.config.ExposedPorts = map[string]struct{}{rest + "/tcp": {}}
	case instruction == "HEALTHCHECK":
		return r.healthcheck(rest)
	case instruction == "ENTRYPOINT":
		return json.Unmarshal([]byte(rest), &r.config.Entrypoint)
	case instruction == "CMD":
		return json.Unmarshal([]byte(rest), &r.config.Cmd)
	default:
		return errors.New("make image does not know this")
	}
	return nil
}

// healthcheck reads the form without a shell, since the image has none.
func (r *recipe) healthcheck(rest string) error {
	options, command, found := strings.Cut(rest, "CMD ")
	var health v1.HealthConfig
	for _, option := range strings.Fields(options) {
		var err error
		switch name, value, _ := strings.Cut(option, "="); name {
		case "--interval":
			health.Interval, err = time.ParseDuration(value)
		case "--timeout":
			health.Timeout, err = time.ParseDuration(value)
		case "--start-period":
			health.StartPeriod, err = time.ParseDuration(value)
		case "--retries":
			health.Retries, err = strconv.Atoi(value)
		default:
			err = fmt.Errorf("make image does not know %s", option)
		}
		if err != nil {
			return err
		}
	}
	var words []string
	if err := json.Unmarshal([]byte(command), &words); err != nil || !found || len(words) == 0 {
		return errors.New("it must end with CMD and a list of words")
	}
	health.Test = append([]string{"CMD"}, words...)
	r.config.Healthcheck = &health
	return nil
}

// image builds it, with all files of one date.
func (r *recipe) image(context string, created time.Time) (v1.Image, error) {
	files, err := r.layer(context, created)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil })
	if err != nil {
		return nil, err
	}
	image, err := mutate.Append(empty.Image, mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: v1.Time{Time: created}, CreatedBy: "cmd/vodworker/deploy/" + r.file},
	})
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file.OS, file.Architecture, file.Created, file.Config = "linux", r.arch, v1.Time{Time: created}, r.config
	return mutate.ConfigFile(image, file)
}

func (r *recipe) layer(context string, created time.Time) ([]byte, error) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	made := map[string]bool{}
	for _, c := range r.copies {
		content, err := os.ReadFile(filepath.Join(context, c[0]))
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(filepath.Join(context, c[0]))
		if err != nil {
			return nil, err
		}
		to := strings.TrimPrefix(c[1], "/")
		for i, char := range to {
			if dir := to[:i]; char == '/' && !made[dir] {
				made[dir] = true
				if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: created}); err != nil {
					return nil, err
				}
			}
		}
		mode := int64(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: to, Size: int64(len(content)), Mode: mode, ModTime: created}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return buffer.Bytes(), err
}
