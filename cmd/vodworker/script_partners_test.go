package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// partners starts receivers as others run them. $PARTNER answers by the path: a refusal with 200 in one of four shapes, or what
// /token wants. Those at $COMPANY have a certificate of the company's own, in ca.pem, and those at $CLIENTS want the client
// certificate that is in cert.pem.
func cmdPartners(ts *testscript.TestScript, _ bool, _ []string) {
	mux := http.NewServeMux()
	for path, answer := range map[string]string{
		"/framework": `{"code":500,"msg":"no room"}`, "/robot": `{"errcode":310000,"errmsg":"sign not match"}`,
		"/old": `{"success":false}`, "/older": `{"ret":"-1"}`, "/fine": `{"code":0}`,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, answer) })
	}
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) { // it quotes what it refuses, and takes another from then on
		token := "Bearer hunter2-new"
		if r.Header.Get("Authorization") == token && r.Header.Get("X-Tenant") == "shop" {
			return
		}
		if err := os.WriteFile(ts.MkAbs("token"), []byte(token+"\n"), 0o600); err != nil {
			log.Print(err)
		}
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintln(w, r.Header)
	})
	ts.Setenv("PARTNER", worldOf(ts).serve(ts, mux))
	serveTLS := func(config *tls.Config) (url string) {
		server := httptest.NewUnstartedServer(mux)
		server.Config.ErrorLog, server.TLS = log.New(io.Discard, "", 0), config
		server.StartTLS()
		ts.Defer(server.Close)
		ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}) // the same for all
		ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), ca, 0o600))
		return server.URL
	}
	ts.Setenv("COMPANY", serveTLS(nil))
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(ts.ReadFile("cert.pem")))
	ts.Setenv("CLIENTS", serveTLS(&tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}))
}
