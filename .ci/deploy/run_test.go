package deploy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the chart renders is what the program takes: it starts in a pod as Kubernetes makes one, is ready, and when the pod is
// stopped it finishes what it handles, within the grace.
func TestARenderedDeploymentRunsAndStops(t *testing.T) {
	begun, end := make(chan struct{}, 16), make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-end
	}))
	defer backend.Close()
	emulator, port := emulate(t), freePort(t)
	o := render(t, "minimal.yaml", fmt.Sprintf(`{adminPort: %d, secrets: [vod-key], config: {vod: {endpoint: %q, credentials:
		{secret_id_file: /run/secrets/vod-key/secret_id, secret_key_file: /run/secrets/vod-key/secret_key}},
		handlers: [{name: backend, webhook: {url: %q}}]}}`, port, emulator, backend.URL))
	spec := o.Deployment.Spec.Template.Spec
	folder := podFolder(t, o, map[string]string{"secret_id": "AKIDemulator\n", "secret_key": "emulator\n"})

	var log strings.Builder
	container := spec.Containers[0]
	cmd := inRoot(t, folder, int(*spec.SecurityContext.RunAsUser), append([]string{"/vodworker"}, container.Args...)...)
	for _, e := range container.Env {
		cmd.Env = append(cmd.Env, e.Name+"="+e.Value)
	}
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()

	select {
	case <-begun:
	case err := <-ended:
		t.Fatalf("%v\n%s", err, log.String())
	case <-time.After(patience):
		t.Fatal("no event comes")
	}
	ready(t, fmt.Sprintf("http://127.0.0.1:%d%s", port, container.ReadinessProbe.HTTPGet.Path))
	stopped := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(time.Second, func() { close(end) })
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("%v\n%s", err, log.String())
		}
	case <-time.After(time.Duration(*spec.TerminationGracePeriodSeconds) * time.Second):
		t.Fatal("Kubernetes would have killed it")
	}
	t.Logf("stopped after %v", time.Since(stopped))
	wantEqual(t, "confirmed", confirmed(t, emulator), 1)
	if strings.Contains(log.String(), `"warn"`) {
		t.Errorf("it warns of what the chart has made:\n%s", log.String())
	}
}

// podFolder makes what a pod's only container has as its root: the program, and what is mounted.
func podFolder(t *testing.T, o *objects, secret map[string]string) string {
	t.Helper()
	folder := openFolder(t)
	output(t, "cp", program, filepath.Join(folder, "vodworker"))
	spec := o.Deployment.Spec.Template.Spec
	for i, mount := range spec.Containers[0].VolumeMounts {
		at := filepath.Join(folder, mount.MountPath)
		switch volume := spec.Volumes[i]; {
		case volume.ConfigMap != nil && volume.ConfigMap.Name == o.ConfigMap.Name:
			for name, text := range o.ConfigMap.Data {
				write(t, filepath.Join(at, name), text, 0o644)
			}
		case volume.Secret != nil:
			for name, text := range secret {
				file := filepath.Join(at, name)
				write(t, file, text, os.FileMode(*volume.Secret.DefaultMode))
				if err := os.Chown(file, 0, int(*spec.SecurityContext.FSGroup)); err != nil {
					t.Skip(err)
				}
			}
		default:
			t.Fatalf("volume %+v", volume)
		}
	}
	return folder
}

// ready waits until a probe succeeds.
func ready(t *testing.T, url string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if resp, err := http.Get(url); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("%s does not answer with 200", url)
}
