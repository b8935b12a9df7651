package emulate

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// A witness is an emulator as flags say, what its log says of https, and what it prints.
type witness struct {
	*Running
	file, endpoint, printed string
	log                     *bytes.Buffer
	stop                    func() error
}

func start(t *testing.T, args ...string) witness {
	t.Helper()
	options := parsed(t, append([]string{"--listen", "127.0.0.1:0", "--events", "0"}, args...)...)
	var lines, out bytes.Buffer
	running, err := options.Start(zerolog.New(&lines), &out) // which writes one call's lines before it answers it
	if err != nil {
		t.Fatal(err)
	}
	s := witness{Running: running, printed: out.String(), log: &lines, stop: sync.OnceValue(running.Close)}
	t.Cleanup(func() { _ = s.stop() })
	for line := range strings.Lines(lines.String()) {
		var said struct{ Endpoint, Authority string }
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		if said.Authority != "" {
			s.file, s.endpoint = said.Authority, said.Endpoint
		}
	}
	return s
}

func TestTheAuthoritysCertificateIsForThisRunAndOnlyForUs(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	e := start(t, "--tls")
	file, endpoint, printed := e.file, e.endpoint, e.printed
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("it is %v, %v", info, err)
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("its folder is %v, %v", info, err)
	}
	on, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(on, []byte("-----BEGIN CERTIFICATE")) || bytes.Contains(on, []byte("KEY")) {
		t.Errorf("it is %s, %v", on, err)
	}
	proxy := "HTTPS_PROXY=http://" + strings.TrimPrefix(endpoint, "https://") + " "
	if strings.Count(printed, file) < 7 || strings.Count(printed, proxy) != 5 || strings.Contains(printed, "KEY-----") {
		t.Errorf("clients are told %s", printed)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := client.Get(endpoint + "/emulator/authority")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if served, err := io.ReadAll(response.Body); !bytes.Equal(served, on) {
		t.Errorf("it is served as %s, %v", served, err)
	}
	request, _ := http.NewRequestWithContext(t.Context(), "GET", endpoint+"/emulator/authority", nil)
	request.Host = "evil.example"
	if response, err := client.Do(request); err != nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign host is answered %v, %v", response, err)
	}
	if err := e.stop(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(temporary); len(left) != 0 {
		t.Errorf("at the end there are %v", left)
	}
}

func TestWithoutTLSNothingIsPrintedAndThereIsNoAuthority(t *testing.T) {
	e := start(t)
	if e.file != "" || e.printed != "" {
		t.Errorf("there is %s, and it prints %s", e.file, e.printed)
	}
	response, err := http.Get(e.served.URL + "/emulator/authority")
	if err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("it is answered %v, %v", response, err)
	}
}

func TestAnAuthorityIsKeptInTheFolderOfTLSDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's ours")
	e := start(t, "--tls-dir", dir)
	file, printed := e.file, e.printed
	if file != filepath.Join(dir, "authority.pem") || !strings.Contains(printed, `it'\''s ours/authority.pem'`) {
		t.Errorf("it is %s, and clients are told %s", file, printed)
	}
	first, _ := os.ReadFile(file)
	if err := e.stop(); err != nil {
		t.Error(err)
	}
	start(t, "--tls-dir", dir)
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, first) {
		t.Errorf("the next time it is %s, %v", again, err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := parsed(t, "--listen", "127.0.0.1:0", "--tls-dir", dir).Start(zerolog.Nop(), io.Discard)
	if err == nil || !strings.HasPrefix(err.Error(), "--tls-dir: others can read "+dir) {
		t.Errorf("for others to read it is refused with %v", err)
	}
}

func TestAnEmulatorForOtherContainersIsNoProxyToThem(t *testing.T) {
	printed := start(t, "--tls", "--listen", "0.0.0.0:0", "--host", "emulator.test").printed
	if strings.Contains(printed, "PROXY=") || strings.Contains(printed, "proxyHost") ||
		!strings.Contains(printed, " of localhost, or emulator.test. ") {
		t.Errorf("clients are told %s", printed)
	}
}

func TestARealKeyIsNotInTheLog(t *testing.T) {
	e := start(t, "--tls")
	const id, signature, token = "AKID0123456789abcdefghijklmnopqrstuv", "0123456789abcdef", "token-0123"
	address, err := url.Parse(e.served.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(address), TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	v3, _ := http.NewRequestWithContext(t.Context(), "POST", "https://vod.tencentcloudapi.com/", strings.NewReader("{}"))
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-TC-Action": "PullEvents", "X-TC-Version": "2018-07-17", "X-TC-Token": token,
		"X-TC-Timestamp": strconv.FormatInt(time.Now().Unix(), 10),
		"Authorization": "TC3-HMAC-SHA256 Credential=" + id + "/" + time.Now().UTC().Format(time.DateOnly) +
			"/vod/tc3_request, SignedHeaders=content-type;host, Signature=" + signature,
	} {
		v3.Header.Set(name, value)
	}
	v1, _ := http.NewRequestWithContext(t.Context(), "GET", "https://vod.tencentcloudapi.com/?Action=PullEvents&SecretId="+id+
		"&Token="+token+"&Signature="+signature+"&SignatureMethod=HmacSHA256&Nonce=1&Version=2018-07-17&Timestamp="+
		strconv.FormatInt(time.Now().Unix(), 10), nil)
	for _, request := range []*http.Request{v3, v1} {
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if !bytes.Contains(answer, []byte("AuthFailure.SecretIdNotFound")) {
			t.Errorf("it is answered %s", answer)
		}
		for _, secret := range []string{id, signature, token} {
			if bytes.Contains(answer, []byte(secret)) || strings.Contains(e.log.String(), secret) {
				t.Errorf("%s is in the answer %s, or the log %s", secret, answer, e.log)
			}
		}
	}
	if got := strings.Count(e.log.String(), "PullEvents"); got != 2 {
		t.Errorf("of 2 calls %d are in the log %s", got, e.log)
	}
}

func TestTheCertificateIsForTheAddressThatIsListenedOn(t *testing.T) {
	for _, test := range []struct {
		listen string
		want   []string // after those of the loopback interface
	}{
		{"127.0.0.2:0", []string{"127.0.0.2/32"}},
		{"0.0.0.0:0", nil}, // nobody is called so
	} {
		e := start(t, "--tls", "--listen", test.listen)
		text, err := os.ReadFile(e.file)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		authority, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, network := range authority.PermittedIPRanges {
			got = append(got, network.String())
		}
		if want := append([]string{"127.0.0.0/8", "::1/128"}, test.want...); !slices.Equal(got, want) {
			t.Errorf("%s: it is for %q, want %q", test.listen, got, want)
		}
		roots := x509.NewCertPool()
		roots.AddCert(authority)
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		response, err := client.Get(e.served.tlsURL() + "/emulator/health")
		if err != nil {
			t.Error(err)
			continue
		}
		response.Body.Close()
	}
}
