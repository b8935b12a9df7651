package weburl

import "testing"

func TestOnlyAURLThatCanBeCalledIsOne(t *testing.T) {
	for text, want := range map[string]bool{
		"http://a": true, "https://a.example:8080/b?c#d": true, "http://[::1]/": true,
		"": false, "a": false, "/a": false, "http:///a": false, "http:a": false, "ftp://a": false, "http://%zz": false,
	} {
		if u, ok := Parse(text); ok != want || ok && u.String() != text {
			t.Errorf("%q is read as %v, %v, want %v", text, u, ok, want)
		}
	}
}

func TestWhatMayBeSecretIsNotShown(t *testing.T) {
	for text, want := range map[string]string{
		"https://me:secret@example.com:8/a%2Fb.png?t=secret#secret": "https://example.com:8/a%2Fb.png",
		"http://example.com": "http://example.com",
		"http://%zz?secret":  "",
		"":                   "",
	} {
		if got := WithoutSecrets(text); got != want {
			t.Errorf("of %q it shows %q, want %q", text, got, want)
		}
	}
}

func TestAHostIsComparedHoweverItIsWritten(t *testing.T) {
	for address, want := range map[string]string{
		"Emulator.Example": "emulator.example", "emulator.example.": "emulator.example", "emulator.example.:9266": "emulator.example",
		"127.0.0.1:9266": "127.0.0.1", "[::1]:9266": "::1", "[::1]": "::1", "::1": "::1", "emulator:": "emulator",
		"emulator:x": "emulator:x", ":9266": "", "": "", ".": "",
	} {
		if got := Host(address); got != want {
			t.Errorf("of %q it is %q, want %q", address, got, want)
		}
	}
}
