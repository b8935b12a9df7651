package emulate

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// An image from scratch has no folder for temporary files, and clients in other containers see none of its files.
func TestWithoutAPlaceForFilesTheCertificateIsFetched(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	var lines, log strings.Builder
	r, err := parsed(t, "--listen", "0.0.0.0:0", "--tls").Start(zerolog.New(&log), &lines)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	url := r.served.certificateURL()
	if !strings.HasPrefix(url, "http://localhost:") {
		t.Errorf("nobody can call %s", url)
	}
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || !strings.HasPrefix(string(text), "-----BEGIN CERTIFICATE") {
		t.Errorf("%v, %s", err, text)
	}
	want := "\ncurl -fo authority.pem " + url + "\n# Go, Ruby, .NET\nSSL_CERT_FILE=authority.pem "
	if !strings.Contains(lines.String(), want) {
		t.Errorf("the lines do not say so:\n%s", &lines)
	}
	if !strings.Contains(log.String(), url) {
		t.Errorf("the log does not say so:\n%s", &log)
	}
}

// pieces counts those in which something is written.
type pieces int

func (p *pieces) Write(text []byte) (int, error) {
	*p++
	return len(text), nil
}

// The log may go to the same terminal: its lines come between, and never into the midst of one.
func TestTheLinesComeInOnePiece(t *testing.T) {
	var lines pieces
	r, err := parsed(t, "--listen", "127.0.0.1:0", "--tls").Start(zerolog.Nop(), &lines)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if lines != 1 {
		t.Errorf("they come in %d pieces", lines)
	}
}

// A line that is copied as it stands must never call the real VOD.
func TestTheLinesCallTheEmulatorAndNobodyElse(t *testing.T) {
	const real = "https://vod.tencentcloudapi.com"
	for _, test := range []struct {
		args          []string
		proxy         string
		names, curled string
	}{
		{[]string{"--listen", "127.0.0.1:0"}, "NO_PROXY=localhost,127.0.0.1 ", "", real},
		{[]string{"--listen", "127.0.0.2:0"}, "NO_PROXY=localhost,127.0.0.1,127.0.0.2 ", "", real},
		{[]string{"--listen", "[::1]:0"}, "NO_PROXY=localhost,127.0.0.1,::1 ", "", real},
		{[]string{"--listen", "0.0.0.0:0"}, "", " of localhost; --host adds names. ", "https://localhost:"},
		{[]string{"--listen", ":0", "--host", "vod"}, "", " of localhost, or vod. ", "https://localhost:"},
	} {
		printed := start(t, append(test.args, "--tls")...).printed
		if strings.Count(printed, "HTTPS_PROXY=") != strings.Count(printed, test.proxy) && test.proxy != "" ||
			strings.Contains(printed, "PROXY=") != (test.proxy != "") || !strings.Contains(printed, test.names) ||
			!strings.Contains(printed, " curl "+test.curled) || strings.Contains(printed, real) != (test.curled == real) {
			t.Errorf("%q: clients are told %s", test.args, printed)
		}
	}
}

// keytool takes no second certificate under a name, and a store that was made before trusts an authority that has ended.
func TestTheStoreOfJavaIsMadeAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	printed := start(t, "--tls-dir", dir).printed
	store := filepath.Join(dir, "authority.p12")
	if want := "\nrm -f " + store + "\nkeytool "; !strings.Contains(printed, want) || strings.Count(printed, store) != 3 {
		t.Errorf("clients are told %s, want %s", printed, want)
	}
}
