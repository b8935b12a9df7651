package callback

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"time"
)

// maxSignKey is how long VOD's sign keys are at most.
const maxSignKey = 32

// ValidSignKey reports whether key can be a sign key of VOD's: 1 to 32 letters and digits.
func ValidSignKey(key string) bool {
	for _, c := range []byte(key) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return 0 < len(key) && len(key) <= maxSignKey
}

// maxValidity is how far ahead a signature may end. VOD's are good for 10 min; a clock may be off by one. Whoever sees
// one can sign events of his own with it until then, for it covers nothing but its end.
const maxValidity = 11 * time.Minute

// notOurs is what checkSignature says when another key may do.
const notOurs = "the signature is not that of our sign key"

// signKeys are VOD's sign key, and the other one while it is being changed. Without any, nothing has to be signed.
type signKeys []string

// check says what is wrong with a signature, unless it is one of these keys'.
func (keys signKeys) check(sign, t string, now time.Time) (why string) {
	for _, key := range keys {
		if why = checkSignature(key, sign, t, now); why != notOurs {
			break
		}
	}
	return why
}

// checkSignature says what is wrong with a signature, which is MD5(key + t), t being the second until which it holds; ""
// if nothing is. It never quotes key or sign.
func checkSignature(key, sign, t string, now time.Time) string {
	if sign == "" || t == "" {
		return "not signed: no Sign and T; set the SignKey with ModifyEventConfig"
	}
	end, err := strconv.ParseUint(t, 10, 62)
	if err != nil {
		return "T is not a number of seconds"
	}
	got, err := hex.DecodeString(sign)
	want := md5.Sum([]byte(key + t))
	if err != nil || subtle.ConstantTimeCompare(got, want[:]) != 1 {
		return notOurs
	}
	switch until := time.Unix(int64(end), 0); {
	case now.Unix() > until.Unix():
		return "the signature has expired: it was replayed or kept, or the clock here is fast"
	case until.After(now.Add(maxValidity)):
		return "the signature ends too far in the future: the clock here is slow"
	}
	return ""
}
