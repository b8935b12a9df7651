package deploy

import (
	"archive/tar"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const dist = root + "/dist"

// image opens one that make release has built.
func image(t *testing.T, arch string) v1.Image {
	t.Helper()
	image, err := tarball.ImageFromPath(filepath.Join(dist, "vodworker-image-linux-"+arch+".tar"), nil)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("make release builds it")
	}
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestTheImageIsWhatTheDockerfileSays(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		image := image(t, arch)
		if err := validate.Image(image); err != nil {
			t.Error(err)
		}
		file, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "platform", file.Platform().String(), "linux/"+arch)
		wantEqual(t, "user", file.Config.User, "65532:65532")
		wantEqual(t, "command", fmt.Sprint(file.Config.Entrypoint, file.Config.Cmd), "[/vodworker] [run --config /etc/vodworker/config.yaml]")
		wantEqual(t, "environment", fmt.Sprint(file.Config.Env), "[VODWORKER_ADMIN_LISTEN=:9464]")
		wantEqual(t, "files", strings.Join(unpack(t, image, ""), " "),
			"etc etc/ssl etc/ssl/certs etc/ssl/certs/ca-certificates.crt vodworker")
	}
}

// unpack returns the names of an image's files, and writes them into a folder, if one is given.
func unpack(t *testing.T, image v1.Image, folder string) (names []string) {
	t.Helper()
	files := mutate.Extract(image)
	defer files.Close()
	for r := tar.NewReader(files); ; {
		header, err := r.Next()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
		if text, err := io.ReadAll(r); err != nil {
			t.Fatal(err)
		} else if header.Typeflag == tar.TypeReg && folder != "" {
			write(t, filepath.Join(folder, header.Name), string(text), header.FileInfo().Mode())
		}
	}
}

// The certificates are where the program looks for them: a call over https, from the image's own files alone, trusts an authority
// that is added there, and nobody else.
func TestTheImageMakesCallsOverTLS(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	unpack(t, image(t, runtime.GOARCH), folder)
	emulator := emulate(t)
	to, err := url.Parse(emulator)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}})
	defer proxy.Close()
	write(t, filepath.Join(folder, "etc/vodworker/config.yaml"), fmt.Sprintf("vod: {endpoint: %q, credentials: "+
		"{secret_id: AKIDemulator, secret_key: emulator}}\nhandlers: [{name: print, stdout: {}}]\n", proxy.URL), 0o644)
	drain := func(atMost string) (string, error) {
		cmd := inRoot(t, folder, 65532, "/vodworker", "drain", "--config", "/etc/vodworker/config.yaml", "--max-duration", atMost)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := drain("10s"); err == nil || !strings.Contains(out, "certificate") {
		t.Errorf("an unknown authority: %v\n%s", err, out)
	}
	bundle := filepath.Join(folder, "etc/ssl/certs/ca-certificates.crt")
	trusted := read(t, bundle)
	if n := strings.Count(trusted, "BEGIN CERTIFICATE"); n < 100 {
		t.Errorf("%d certificates", n)
	}
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	write(t, bundle, trusted+string(own), 0o644)
	if out, err := drain("60s"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	wantEqual(t, "confirmed", confirmed(t, emulator), 1)
}

// Buildah makes the same of the Dockerfile.
func TestTheImageOfBuildahIsTheSame(t *testing.T) {
	if _, err := exec.LookPath("buildah"); err != nil {
		t.Skip(err)
	}
	ours := image(t, "amd64")
	dir := t.TempDir()
	built := filepath.Join(dir, "image.tar")
	storage := []string{"--storage-driver", "vfs", "--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run")}
	build := exec.Command("buildah", append(storage, "build", "--isolation", "chroot", "--platform", "linux/amd64",
		"--build-arg", "TARGETARCH=amd64", "-f", deployed+"/Dockerfile", "-t", "vodworker", dist)...)
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("buildah does not run here: %v\n%s", err, out)
	}
	output(t, "buildah", append(storage, "push", "vodworker", "docker-archive:"+built+":vodworker:latest")...)
	theirs, err := tarball.ImageFromPath(built, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "files", fmt.Sprint(unpack(t, theirs, "")), fmt.Sprint(unpack(t, ours, "")))
	a, errA := ours.ConfigFile()
	b, errB := theirs.ConfigFile()
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	show := func(f *v1.ConfigFile) string {
		return fmt.Sprint(f.Platform(), f.Config.User, f.Config.Entrypoint, f.Config.Cmd, f.Config.ExposedPorts)
	}
	wantEqual(t, "configuration", show(b), show(a))
}
