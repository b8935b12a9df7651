package tencent

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Credentials are an API key, a permanent or a temporary one. They print as the place where they were found.
type Credentials struct {
	SecretID  string
	SecretKey string `json:"-"`

	// Token belongs to a temporary key. Permanent ones have none.
	Token string `json:"-"`

	// Ends is when a temporary key ends. Zero means never, or that it is not known.
	Ends time.Time

	// IDFrom, KeyFrom and TokenFrom name the places where they were found, such as a variable; TokenFrom, without a token,
	// the place for one. Errors tell the reader to look there.
	IDFrom, KeyFrom, TokenFrom string
}

// Temporary reports whether the key will end.
func (c Credentials) Temporary() bool { return c.Token != "" || !c.Ends.IsZero() }

func (c Credentials) String() string { return "credentials from " + cmp.Or(c.IDFrom, "the program") }

// GoString keeps %#v from printing the key.
func (c Credentials) GoString() string { return c.String() }

func (c *Credentials) ended(now time.Time) bool { return !c.Ends.IsZero() && !now.Before(c.Ends) }

// same reports whether calls would be signed alike.
func (c *Credentials) same(other *Credentials) bool {
	return c.SecretID == other.SecretID && c.SecretKey == other.SecretKey && c.Token == other.Token
}

// usable fails if c can't sign any call. It returns c with places to look at.
func (c Credentials) usable(now time.Time) (*Credentials, error) {
	if c.SecretID == "" || c.SecretKey == "" {
		return nil, errors.New("credentials need both a secret id and a secret key")
	}
	c.IDFrom = cmp.Or(c.IDFrom, "the secret id")
	c.KeyFrom = cmp.Or(c.KeyFrom, "the secret key")
	c.TokenFrom = cmp.Or(c.TokenFrom, "the token of "+c.IDFrom)
	for _, part := range []struct{ value, from string }{
		{c.SecretID, c.IDFrom}, {c.SecretKey, c.KeyFrom}, {c.Token, c.TokenFrom},
	} {
		if wrong := flaw(part.value); wrong != "" {
			return nil, fmt.Errorf("%s %s", part.from, wrong)
		}
	}
	if c.ended(now) {
		return nil, fmt.Errorf("%s hands out credentials that ended %v ago: is this machine's clock right?",
			c.IDFrom, now.Sub(c.Ends).Round(time.Second))
	}
	return &c, nil
}
