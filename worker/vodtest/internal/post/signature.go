package post

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// A Signature says how the body of a callback is signed.
type Signature struct {
	Key       string
	Ends      time.Time
	QuoteT    bool // T is a string
	LowerCase bool // the members are sign and t
}

// Sign returns content, a JSON object, with the two members of the signature, or as it is if there is no key.
func (s Signature) Sign(content []byte) []byte {
	if s.Key == "" {
		return content
	}
	expires := strconv.FormatInt(s.Ends.Unix(), 10)
	sum := md5.Sum([]byte(s.Key + expires))
	signName, timeName, t := "Sign", "T", expires
	if s.LowerCase {
		signName, timeName = "sign", "t"
	}
	if s.QuoteT {
		t = strconv.Quote(expires)
	}
	members := content[:len(content)-1] // up to the closing brace
	separator := ","
	if len(bytes.TrimSpace(members)) == 1 {
		separator = ""
	}
	return fmt.Appendf(bytes.Clone(members), `%s%q:%q,%q:%s}`, separator, signName, hex.EncodeToString(sum[:]), timeName, t)
}
