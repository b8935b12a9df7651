package emulate

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestHostNamesComeFromFlagsAndFromTheVariable(t *testing.T) {
	t.Setenv(hostVariable, " vod_api.test,, [2001:DB8::7] ,")
	o := Options{hosts: []string{"Emulator", "10.1.2.3"}}
	names, err := o.hostNames()
	if want := []string{"Emulator", "10.1.2.3", "vod_api.test", "2001:db8::7"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("names are %q, %v, want %q", names, err, want)
	}
}

func TestWhatIsNoHostAloneIsRefused(t *testing.T) {
	for _, bad := range []string{"http://emulator", "emulator:9266", "emulator/", "*", "*.test", "-x", "a b", "é.test", "x.",
		"[::1]:80", strings.Repeat("x", 254)} {
		for _, from := range []string{"--host", hostVariable} {
			o := Options{}
			t.Setenv(hostVariable, "")
			if from == "--host" {
				o.hosts = []string{bad}
			} else {
				t.Setenv(hostVariable, bad)
			}
			_, err := o.hostNames()
			if err == nil || !strings.HasPrefix(err.Error(), from+" ") || !strings.Contains(err.Error(), "name or address alone") {
				t.Errorf("%s %q is answered %v", from, bad, err)
			}
		}
	}
	if _, err := (&Options{hosts: []string{""}}).hostNames(); err == nil {
		t.Error("an empty name is taken")
	}
}

func TestAServiceIsCalledByTheNameThatItsVariableHas(t *testing.T) {
	t.Setenv(hostVariable, "vod-emulator")
	r := started(t)
	for host, want := range map[string]int{"VOD-Emulator:9266": http.StatusOK, "other:9266": http.StatusForbidden} {
		request, err := http.NewRequest(http.MethodGet, r.served.URL+"/emulator/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s is answered %d, want %d", host, response.StatusCode, want)
		}
	}
}
