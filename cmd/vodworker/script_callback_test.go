package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vodworker/vodworker/cmd/vodworker/emulate"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// push EVENTS [KEY [APP]] posts that many events of an application to 127.0.0.1:$PORT, signed with KEY, once somebody listens
// there. $PATIENCE is the time-out, if it is not to be VOD's 5 s.
func cmdPush(ts *testscript.TestScript, _ bool, args []string) {
	w := worldOf(ts)
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	key, app := "", uint64(0)
	if len(args) > 1 {
		key = args[1]
	}
	if len(args) > 2 {
		app, err = strconv.ParseUint(args[2], 10, 64)
		ts.Check(err)
	}
	url := "http://127.0.0.1:" + ts.Getenv("PORT") + "/"
	awaitListener(ts, url)
	push := vodtest.Push{Gap: 100 * time.Millisecond}
	if patience := ts.Getenv("PATIENCE"); patience != "" {
		push.Timeout, err = time.ParseDuration(patience)
		ts.Check(err)
	}
	w.pusher = vodtest.New(vodtest.Config{Push: push})
	w.pushed = app
	ts.Defer(w.pusher.Close)
	ts.Check(w.pusher.PushTo(app, url, key))
	options := emulate.Options{Events: n, SubAppID: app}
	options.Fill(w.pusher)
}

func awaitListener(ts *testscript.TestScript, url string) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 12000 {
		response, err := http.Get(url)
		if err == nil {
			ts.Check(response.Body.Close())
			return
		}
		<-tick.C
	}
	ts.Fatalf("nobody listens at %s after 60 s", url)
}

// certificate DAYS makes cert.pem, which ends in so many days, and key.pem.
func cmdCertificate(ts *testscript.TestScript, _ bool, args []string) {
	days, err := strconv.Atoi(args[0])
	ts.Check(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	ends := time.Now().AddDate(0, 0, days)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: cert},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: der},
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(block), 0o600))
	}
}
