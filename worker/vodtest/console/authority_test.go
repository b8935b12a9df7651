package console

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

func TestTheCertificateToTrustIsGotFromTheControlAPI(t *testing.T) {
	e := vodtest.New(vodtest.Config{})
	const certificate = "-----BEGIN CERTIFICATE-----"
	for _, test := range []struct {
		method, host string
		has          []byte
		want         int
	}{
		{http.MethodGet, "localhost", []byte(certificate), http.StatusOK},
		{http.MethodPost, "localhost", []byte(certificate), http.StatusNotFound},
		{http.MethodGet, "evil.example", []byte(certificate), http.StatusForbidden},
		{http.MethodGet, "localhost", nil, http.StatusNotFound},
	} {
		r := httptest.NewRequest(test.method, "http://"+test.host+"/emulator/authority", nil)
		w := httptest.NewRecorder()
		Handler(e, Options{Authority: test.has}).ServeHTTP(w, r)
		if w.Code != test.want || (w.Body.String() == certificate) != (test.want == http.StatusOK) {
			t.Errorf("%s for %s is answered %d %s, want %d", test.method, test.host, w.Code, w.Body, test.want)
		}
	}
}
