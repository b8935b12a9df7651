package emulate

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestCallbacksHaveTheContentTypeOfTheFlag(t *testing.T) {
	for args, want := range map[string]string{"": "application/json", "text/json; charset=utf-8": "text/json; charset=utf-8"} {
		got := make(chan string, 1)
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got <- r.Header.Get("Content-Type")
		}))
		started(t, "--events", "1", "--callback", receiver.URL, "--callback-content-type", args)
		select {
		case header := <-got:
			if header != want {
				t.Errorf("with %q the Content-Type is %q, want %q", args, header, want)
			}
		case <-t.Context().Done():
			t.Error("there is no callback")
		}
		receiver.Close()
	}
}

func TestWhatIsNoContentTypeIsRefused(t *testing.T) {
	for _, bad := range []string{"json", "a/b\r\nX: y", "a/b; charset=é", `a/b; charset="é"`, "a/b; charset=\"\x01\"",
		"application/json;charset", "/", " ", "a b/c"} {
		_, err := parsed(t, "--listen", "127.0.0.1:0", "--callback-content-type", bad).Start(zerolog.Nop(), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "--callback-content-type ") ||
			!strings.Contains(err.Error(), "it must be a media type") {
			t.Errorf("%q is answered %v", bad, err)
		}
	}
}
