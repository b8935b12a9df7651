package emulate

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/console"
)

// What the lines to copy begin with.
const (
	trusting = "# Lines for one process each, which trusts the emulator's certificate then. Nothing else is changed.\n"
	byProxy  = "# It calls VOD's own hosts, and gets to the emulator. Hosts that are neither in NO_PROXY nor VOD's are refused.\n"
	byName   = "# Its endpoint is port {port} of {names}. In other containers the certificate is got from /emulator/authority.\n"
	fetch    = "# The certificate\ncurl -fo {file} {certificate}\n"
)

// howTo are lines to copy, each of which lets one process reach the emulator. None of them changes what the machine trusts.
const howTo = `# Go, Ruby, .NET
{proxy}SSL_CERT_FILE={file} COMMAND
# Node.js
{proxy}{node-proxy}NODE_EXTRA_CA_CERTS={file} COMMAND
# Python
{proxy}REQUESTS_CA_BUNDLE={file} SSL_CERT_FILE={file} COMMAND
# PHP
{proxy}php -d curl.cainfo={file} -d openssl.cafile={file} FILE
# curl
{proxy}CURL_CA_BUNDLE={file} curl {https}
# Java
rm -f {store}
keytool -importcert -noprompt -alias emulator -file {file} -keystore {store} -storepass emulator
java {java-proxy}-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=emulator FILE
`

// tellClients writes what sets up a client. Only by a loopback address the emulator is a proxy. No text/template: it would have
// the linker keep all methods, and nearly double the program.
func (s *Served) tellClients(out io.Writer) error {
	host, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		return err
	}
	text, https := trusting+byName, s.tlsURL()
	proxy, nodeProxy, javaProxy := "", "", ""
	if net.ParseIP(host).IsLoopback() {
		text, https = trusting+byProxy, "https://vod.tencentcloudapi.com"
		own := []string{"localhost", "127.0.0.1"}
		if !slices.Contains(own, host) {
			own = append(own, host)
		}
		proxy = fmt.Sprintf("HTTPS_PROXY=%s NO_PROXY=%s ", s.URL, strings.Join(own, ","))
		nodeProxy = "http_proxy=" + s.URL + " " // VOD's SDK for Node.js looks there
		javaProxy = fmt.Sprintf("-Dhttps.proxyHost=%s -Dhttps.proxyPort=%s ", host, port)
	}
	if s.trust.file == "" {
		text += fetch
	}
	names := "localhost; --host adds names"
	if len(s.names) > 0 {
		names = "localhost, or " + strings.Join(s.names, ", ")
	}
	file := cmp.Or(s.trust.file, "authority.pem")
	lines := strings.NewReplacer(
		"{port}", port, "{names}", names, "{certificate}", s.certificateURL(), "{https}", https,
		"{proxy}", proxy, "{node-proxy}", nodeProxy, "{java-proxy}", javaProxy,
		"{file}", quoted(file), "{store}", quoted(filepath.Join(filepath.Dir(file), "authority.p12")),
	).Replace(text + howTo)
	_, err = io.WriteString(out, lines) // in one piece: the log may go to the same place
	return err
}

func (s *Served) tlsURL() string { return "https://" + s.named() }

// certificateURL is where the control API has the authority's certificate.
func (s *Served) certificateURL() string { return "http://" + s.named() + console.Path + "authority" }

// named returns the host and port of the emulator, as this machine may call it: nobody can call all of its addresses.
func (s *Served) named() string {
	address := strings.TrimPrefix(s.URL, "http://")
	if host, port, err := net.SplitHostPort(address); err == nil && isAny(host) {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

// quoted returns a path as a shell takes it for one word.
func quoted(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
