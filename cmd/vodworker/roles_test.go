package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// withRoles has the roles of this machine asked for by transport.
func withRoles(transport http.RoundTripper) func(*app) { return func(a *app) { a.roles = transport } }

// rolesAt leads to the host $ROLES instead of the metadata service and STS. Without it this machine is no CVM.
type rolesAt struct{}

func (rolesAt) RoundTrip(r *http.Request) (*http.Response, error) {
	host := os.Getenv("ROLES")
	if host == "" {
		return nil, errors.New("no such host")
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", host
	return http.DefaultTransport.RoundTrip(r)
}

// role NAME makes this machine a CVM that has the role NAME, of which the keys are good for an hour; those of the role
// revoked are not.
func cmdRole(ts *testscript.TestScript, _ bool, args []string) {
	w := worldOf(ts)
	key := w.emulator.Issue(time.Hour)
	if args[0] == "revoked" {
		w.emulator.Revoke(key.SecretID)
	}
	const path = "/latest/meta-data/cam/security-credentials/"
	service := http.NewServeMux()
	service.HandleFunc("GET "+path+"{$}", func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, args[0]) })
	service.HandleFunc("GET "+path+args[0], func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `{"TmpSecretId":%q,"TmpSecretKey":%q,"Token":%q,"ExpiredTime":%d,"Code":"Success"}`,
			key.SecretID, key.SecretKey, key.Token, key.Ends.Unix())
	})
	ts.Setenv("ROLES", strings.TrimPrefix(w.serve(ts, service), "http://"))
}

// temporary makes a temporary key, which is in $TEMPORARY_ID, $TEMPORARY_KEY and $TEMPORARY_TOKEN.
func cmdTemporary(ts *testscript.TestScript, _ bool, _ []string) {
	key := worldOf(ts).emulator.Issue(time.Hour)
	ts.Setenv("TEMPORARY_ID", key.SecretID)
	ts.Setenv("TEMPORARY_KEY", key.SecretKey)
	ts.Setenv("TEMPORARY_TOKEN", key.Token)
}
