package callback

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestOnlyASignatureThatHoldsIsAccepted(t *testing.T) {
	const key, sign = "abcDEF123", "7cd17d9dfcb270b39198ccf87844d9fb" // the MD5 of key and T
	const end = 1700000600
	atEnd := time.Unix(end, 999_999_999)
	for name, test := range map[string]struct {
		sign, t string
		now     time.Time
		want    string
	}{
		"as it ends":         {sign, "1700000600", atEnd, ""},
		"in its prime":       {sign, "1700000600", atEnd.Add(-10 * time.Minute), ""},
		"in capitals":        {strings.ToUpper(sign), "1700000600", atEnd, ""},
		"with a slow clock":  {sign, "1700000600", time.Unix(end, 0).Add(-11 * time.Minute), ""},
		"a second after":     {sign, "1700000600", time.Unix(end+1, 0), "expired"},
		"too far ahead":      {sign, "1700000600", time.Unix(end-1, 0).Add(-11 * time.Minute), "too far in the future"},
		"none":               {"", "", atEnd, "not signed"},
		"no Sign":            {"", "1700000600", atEnd, "not signed"},
		"no T":               {sign, "", atEnd, "not signed"},
		"of another time":    {sign, "1700000601", atEnd, "not that of our sign key"},
		"of another key":     {strings.Repeat("0", 32), "1700000600", atEnd, "not that of our sign key"},
		"cut off":            {sign[:30], "1700000600", atEnd, "not that of our sign key"},
		"too long":           {sign + "00", "1700000600", atEnd, "not that of our sign key"},
		"no hexadecimal":     {"g" + sign[1:], "1700000600", atEnd, "not that of our sign key"},
		"T with a fraction":  {sign, "1700000600.0", atEnd, "T is not a number"},
		"T with a sign":      {sign, "+1700000600", atEnd, "T is not a number"},
		"T before 1970":      {sign, "-1", atEnd, "T is not a number"},
		"T beyond all times": {sign, "99999999999999999999", atEnd, "T is not a number"},
		"T with a space":     {sign, "1700000600 ", atEnd, "T is not a number"},
	} {
		got := checkSignature(key, test.sign, test.t, test.now)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) || strings.Contains(got, key) || strings.Contains(got, sign[:8]) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// While the key is being changed VOD signs with the one or the other; each is judged by its own.
func TestEachOfTwoSignKeysIsAccepted(t *testing.T) {
	const end = 1700000600
	now := time.Unix(end, 0)
	sign := func(key string) string {
		sum := md5.Sum([]byte(key + strconv.Itoa(end)))
		return hex.EncodeToString(sum[:])
	}
	keys := signKeys{"old", "new"}
	for key, want := range map[string]string{"old": "", "new": "", "other": notOurs} {
		if got := keys.check(sign(key), strconv.Itoa(end), now); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
		if got := keys.check(sign(key), strconv.Itoa(end), now.Add(time.Minute)); want == "" && !strings.Contains(got, "expired") {
			t.Errorf("%s, expired: %q", key, got)
		}
	}
	if got := signKeys(nil).check("", "", now); got != "" {
		t.Errorf("without keys: %q", got)
	}
}

func TestASignKeyIsUpTo32LettersAndDigits(t *testing.T) {
	for key, want := range map[string]bool{
		"": false, "a": true, "azAZ09": true, strings.Repeat("k", 32): true, strings.Repeat("k", 33): false,
		"with space": false, "line\n": false, "/": false, ":": false, "@": false, "[": false, "`": false, "{": false, "é": false,
	} {
		if got := ValidSignKey(key); got != want {
			t.Errorf("%q: %v", key, got)
		}
	}
}

// What is let in is JSON, has a type, and is signed: recomputed here in another way.
func FuzzAdmit(f *testing.F) {
	const key = "abcDEF123"
	now := time.Unix(1700000000, 0)
	sum := md5.Sum([]byte(key + "1700000600"))
	sign := hex.EncodeToString(sum[:])
	for _, body := range []string{
		`{"EventType":"NewFileUpload","Sign":"%s","T":1700000600}`,
		`{"t":"1700000600","EventType":"X","sign":"%s"}`,
		`{"version":"4.0","eventType":"X","data":{},"Sign":"%s","T":1700000600}`,
		`{"EventType":"X","Sign":"","sign":"%s","T":null,"t":1700000600,"T":1}`,
		`{"EventType":"X","A":{"Sign":"%s","T":1700000600}}`,
		`{"EventType":"X","Sign":"%s","T":1.7000006e9}`,
		`[{"EventType":"X","Sign":"%s","T":1700000600}]`,
		`{"EventType":`,
	} {
		f.Add([]byte(strings.ReplaceAll(body, "%s", sign)))
	}
	r := &Receiver{opts: Options{SubAppID: 7}, bodies: newBodies(signKeys{key})}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := r.admit(body, now)
		if err != nil {
			if strings.Contains(err.Error(), key) || strings.Contains(err.Error(), sign) {
				t.Errorf("the refusal shows a secret: %v", err)
			}
			return
		}
		if e.Type == "" || e.SubAppID != 7 || e.Handle != "" || string(e.Raw) != string(body) {
			t.Errorf("got %+v", e)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), "1700000") && !strings.Contains(string(body), `\`) {
			t.Errorf("no T of these days in %q", body)
		}
		// It ends in the next 11 minutes: one of the seconds that it may end in is signed for.
		for end := now.Unix(); end <= now.Add(maxValidity).Unix(); end++ {
			sum := md5.Sum([]byte(key + strconv.FormatInt(end, 10)))
			text := fmt.Sprintf("%x", sum)
			for _, name := range []string{"Sign", "sign"} {
				var got string
				if json.Unmarshal(members[name], &got) == nil && strings.EqualFold(got, text) {
					return
				}
			}
		}
		if strings.Count(strings.ToLower(string(body)), "sign") < 2 { // of a key that is there twice, Go takes the last
			t.Errorf("let in without a signature: %q", body)
		}
	})
}
