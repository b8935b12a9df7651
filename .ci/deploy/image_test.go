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
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const dist = root + "/dist"

// image opens one of vodworker or vodworker-emulator that make release has built.
func image(t *testing.T, name, arch string) v1.Image {
	t.Helper()
	image, err := tarball.ImageFromPath(filepath.Join(dist, name+"-image-linux-"+arch+".tar"), nil)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("make release builds it")
	}
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestTheImageIsWhatTheDockerfileSays(t *testing.T) {
	for name, want := range map[string]string{
		"vodworker": "[/vodworker] [run --config /etc/vodworker/config.yaml] [VODWORKER_ADMIN_LISTEN=:9464] map[9464/tcp:{}]",
		"vodworker-emulator": "[/vodworker emulate --listen :9266] [] [] map[9266/tcp:{}] " +
			"[CMD /vodworker emulate health] every 2s for 5s, after 30s, 3 times",
	} {
		for _, arch := range []string{"amd64", "arm64"} {
			image := image(t, name, arch)
			if err := validate.Image(image); err != nil {
				t.Error(err)
			}
			file, err := image.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, name+": platform", file.Platform().String(), "linux/"+arch)
			wantEqual(t, name+": user", file.Config.User, "65532:65532")
			wantEqual(t, name+": configuration", show(file), want)
			wantEqual(t, name+": files", strings.Join(unpack(t, image, ""), " "),
				"etc etc/ssl etc/ssl/certs etc/ssl/certs/ca-certificates.crt vodworker")
		}
	}
}

// show writes what a container does by an image's configuration.
func show(file *v1.ConfigFile) string {
	c := file.Config
	text := fmt.Sprint(c.Entrypoint, c.Cmd, c.Env, c.ExposedPorts)
	if h := c.Healthcheck; h != nil {
		text += fmt.Sprintf(" %v every %v for %v, after %v, %d times", h.Test, h.Interval, h.Timeout, h.StartPeriod, h.Retries)
	}
	return text
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
	folder := openFolder(t)
	unpack(t, image(t, "vodworker", runtime.GOARCH), folder)
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

// Buildah makes the same of the Dockerfiles, in Docker's format, which has health checks.
func TestTheImageOfBuildahIsTheSame(t *testing.T) {
	if _, err := exec.LookPath("buildah"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	storage := []string{"--storage-driver", "vfs", "--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run")}
	for name, dockerfile := range map[string]string{"vodworker": "Dockerfile", "vodworker-emulator": "emulator.Dockerfile"} {
		ours, built := image(t, name, "amd64"), filepath.Join(dir, name+".tar")
		build := exec.Command("buildah", append(storage, "build", "--isolation", "chroot", "--platform", "linux/amd64", "--format", "docker",
			"--build-arg", "TARGETARCH=amd64", "-f", filepath.Join(deployed, dockerfile), "-t", name, dist)...)
		if out, err := build.CombinedOutput(); err != nil {
			t.Skipf("buildah does not run here: %v\n%s", err, out)
		}
		output(t, "buildah", append(storage, "push", name, "docker-archive:"+built+":"+name+":latest")...)
		theirs, err := tarball.ImageFromPath(built, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, name+": files", fmt.Sprint(unpack(t, theirs, "")), fmt.Sprint(unpack(t, ours, "")))
		a, errA := ours.ConfigFile()
		b, errB := theirs.ConfigFile()
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, name+": platform", b.Platform().String(), a.Platform().String())
		wantEqual(t, name+": user", b.Config.User, a.Config.User)
		b.Config.Env = slices.DeleteFunc(b.Config.Env, func(e string) bool { return strings.HasPrefix(e, "PATH=") }) // its own
		wantEqual(t, name+": configuration", show(b), show(a))
	}
}
