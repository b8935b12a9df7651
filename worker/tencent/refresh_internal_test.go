package tencent

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A lease that is renewed keeps its key: only its end moves.
func TestTheSameKeyWithALaterEndHoldsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		keys, err := NewKeyring(t.Context(), KeyringOptions{Provider: func(ctx context.Context) (Credentials, error) {
			if asked++; asked > 100 {
				<-ctx.Done()
				return Credentials{}, errors.New("asked without end")
			}
			return Credentials{SecretID: "AKIDlease", SecretKey: "key", Token: "token", Ends: time.Now().Add(20 * time.Minute)}, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			time.Sleep(19 * time.Minute)
			if got, err := keys.Credentials(t.Context()); err != nil || !time.Now().Before(got.Ends) {
				t.Errorf("until %v, %v", got.Ends, err)
			}
		}
		if err := keys.Close(); err != nil || asked > 1+10 {
			t.Errorf("%v, asked %d times", err, asked)
		}
	})
}

// Of two calls that are refused at once, both wait for what is asked for once.
func TestTwoRefusalsAtOnceWaitForOneRefresh(t *testing.T) {
	held := &Credentials{SecretID: "AKIDold", SecretKey: "key"}
	k := &Keyring{provider: func(context.Context) (Credentials, error) { return *held, nil }, demand: make(chan struct{}, 1),
		finished: make(chan struct{}), done: make(chan struct{}), held: held}
	for call := range 2 { // before the refresher has come to it
		if _, finished := k.seekOthers(held); finished == nil {
			t.Errorf("call %d: nothing to wait for", call+1)
		}
	}
}
