package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

const refusal = "The status page shows whole events. It is not here: admin.listen can be reached from other machines, and " +
	"admin.token is not set. Set admin.token_file, or have admin.listen be 127.0.0.1:9464.\n"

// guard lets nobody at next but who has the token or, if there is none, who is on this machine: here says that only this machine
// can reach the server. A page of others, which a browser on this machine shows, is not: it comes by another origin, or by a name
// that leads here for the occasion.
func guard(token string, here bool, next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case token != "" && !has(r, token):
			w.Header().Set("WWW-Authenticate", `Basic realm="vodworker", charset="UTF-8"`)
			http.Error(w, "The password is admin.token; any name will do.", http.StatusUnauthorized)
		case token == "" && !here:
			http.Error(w, refusal, http.StatusNotFound)
		case token == "" && !isLoopback(r.Host):
			http.Error(w, "Ask for it by a name of this machine, such as localhost.", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// protect has a browser keep and guess nothing of any answer, load nothing from elsewhere, and show nothing inside of others.
func protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "same-origin") // else whether an image loads tells another origin what there is
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// has reports whether a request has the token, in a time that does not depend on how much of it is right.
func has(r *http.Request, token string) bool {
	_, given, basic := r.BasicAuth()
	if scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " "); !basic && strings.EqualFold(scheme, "Bearer") {
		given = strings.TrimSpace(rest)
	}
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// isLoopback reports whether a Host header names this machine as no other does.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
