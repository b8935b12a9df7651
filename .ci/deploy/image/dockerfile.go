package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// A recipe is what a Dockerfile says that begins with nothing and only copies.
type recipe struct {
	arch   string
	copies [][2]string // from, in the context; to
	config v1.Config
}

// parse reads the instructions that the Dockerfile uses, and refuses all others: docker build makes of them what is made here.
func parse(text, arch string) (*recipe, error) {
	r := &recipe{arch: arch}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		instruction, rest, _ := strings.Cut(strings.ReplaceAll(line, "${TARGETARCH}", arch), " ")
		if err := r.add(instruction, rest); err != nil {
			return nil, fmt.Errorf("%d: %s: %w", i+1, line, err)
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
	case instruction == "ENTRYPOINT":
		return json.Unmarshal([]byte(rest), &r.config.Entrypoint)
	case instruction == "CMD":
		return json.Unmarshal([]byte(rest), &r.config.Cmd)
	default:
		return fmt.Errorf("make image does not know this")
	}
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
		History: v1.History{Created: v1.Time{Time: created}, CreatedBy: "cmd/vodworker/deploy/Dockerfile"},
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
