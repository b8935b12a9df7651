package callback

import "testing"

// Wherever the beginning of a body ends: what may go on behind it does not count.
func TestASignatureIsReadWhenItIsWhole(t *testing.T) {
	const sign = "7cd17d9dfcb270b39198ccf87844d9fb"
	for name, body := range map[string]string{
		"in front":       `{"Sign":"` + sign + `","T":1700000600,"EventType":"X","A":{"Sign":"0","T":1}}`,
		"at the end":     `{"EventType":"X","A":[{"Sign":"0"},"T",1] , "t" : "1700000600" , "sign" : "` + sign + `" } `,
		"behind a trick": `{"A":"\\\"Sign\":\"0","EventType":"X","Sign":null,"Sign":"` + sign + `","T":1700000600} `,
	} {
		for end := range len(body) + 1 {
			gotSign, gotT := signatureIn([]byte(body[:end]))
			if gotSign != "" && gotSign != sign || gotT != "" && gotT != "1700000600" {
				t.Errorf("%s: %q has %q, %q", name, body[:end], gotSign, gotT)
			}
		}
		if gotSign, gotT := signatureIn([]byte(body)); gotSign != sign || gotT != "1700000600" {
			t.Errorf("%s: %q, %q", name, gotSign, gotT)
		}
	}
}
