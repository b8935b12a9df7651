package deploy

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// A ciService is one as GitHub, GitLab and compose write it.
type ciService struct {
	Image, Name, Alias          string
	Env, Variables, Environment map[string]string
	Command                     []string
}

// A ciFile is where they write services, and the environment of what calls them.
type ciFile struct {
	Jobs struct { // GitHub's
		Test struct {
			Services map[string]ciService
			Steps    []struct{ Env map[string]string }
		}
	}
	Test struct { // GitLab's
		Services  []ciService
		Variables map[string]string
	}
	Services map[string]ciService // of compose
}

// The emulator's image serves at the address that each CI's file of the manual has, by the name that it gives to the service.
func TestTheEmulatorsImageIsReachedAsThePageSays(t *testing.T) {
	found := ymlOf(t, "EMULATOR.md")
	wantEqual(t, "blocks", len(found), 3)
	for _, block := range found {
		var file ciFile
		if err := yaml.Unmarshal([]byte(block), &file); err != nil {
			t.Fatalf("%v\n%s", err, block)
		}
		named, endpoint := file.Services, file.Services["test"].Environment["VOD_ENDPOINT"]
		for _, step := range file.Jobs.Test.Steps {
			named, endpoint = file.Jobs.Test.Services, step.Env["VOD_ENDPOINT"]
		}
		for _, service := range file.Test.Services {
			service.Image = service.Name
			named, endpoint = map[string]ciService{service.Alias: service}, file.Test.Variables["VOD_ENDPOINT"]
		}
		service := named["vod"]
		if !strings.Contains(service.Image, "/vodworker-emulator:") {
			t.Fatalf("it has no emulator:\n%s", block)
		}
		var env []string
		for _, variables := range []map[string]string{service.Env, service.Variables, service.Environment} {
			for name, value := range variables {
				env = append(env, name+"="+value)
			}
		}
		startEmulator(t, env, service.Command...).neighbour("vod").must("/vodworker", "emulate", "reset", "--emulator", endpoint)
	}
}
