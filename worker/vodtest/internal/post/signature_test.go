package post

import (
	"testing"
	"time"
)

// The sum was computed elsewhere.
func TestAKnownSignatureIsReproduced(t *testing.T) {
	const sum = "7cd17d9dfcb270b39198ccf87844d9fb"
	plain := Signature{Key: "abcDEF123", Ends: time.Unix(1700000600, 0)}
	for _, test := range []struct {
		name          string
		signature     Signature
		content, want string
	}{
		{"no other member", plain, `{}`, `{"Sign":"` + sum + `","T":1700000600}`},
		{"some space", plain, `{ }`, `{ "Sign":"` + sum + `","T":1700000600}`},
		{"another member", plain, `{"A":1 }`, `{"A":1 ,"Sign":"` + sum + `","T":1700000600}`},
		{"T as a string", Signature{plain.Key, plain.Ends, true, false}, `{}`, `{"Sign":"` + sum + `","T":"1700000600"}`},
		{"lower case", Signature{plain.Key, plain.Ends, false, true}, `{}`, `{"sign":"` + sum + `","t":1700000600}`},
		{"no key", Signature{Ends: plain.Ends}, `{"A":1}`, `{"A":1}`},
	} {
		content := append(make([]byte, 0, 1000), test.content...) // with room behind it
		if got := string(test.signature.Sign(content)); got != test.want {
			t.Errorf("%s: body is %s, want %s", test.name, got, test.want)
		}
		if string(content) != test.content {
			t.Errorf("%s: signing made %s of the content", test.name, content)
		}
	}
}
