package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/sink"
	"github.com/vodworker/vodworker/worker/tencent"
)

// A reacher can tell what it finds at a place without opening it.
type reacher interface {
	Reach(ctx context.Context) (found string, err error)
}

// unopened says why a place can't be opened, in the words of check if check finds it too, and where the configuration names it.
func unopened(config *config.Config, key string, place config.Place, err error) error {
	if options, ok := place.Options().(reacher); ok {
		if _, why := options.Reach(context.Background()); why != nil {
			err = why
		}
	}
	return atPlace(config, key, place, err)
}

// atPlace says where the configuration names a place: at the key that says which one it is.
func atPlace(config *config.Config, key string, place config.Place, err error) error {
	key += "." + place.Kind()
	option, isOption := errors.AsType[*sink.OptionError](err)
	switch {
	case isOption:
		return config.Errorf(key+"."+option.Key, "%w", usage.File(option.Err))
	case place.File != nil:
		key += ".path"
	case place.Exec != nil:
		key += ".command"
	}
	return config.Errorf(key, "%w", err)
}

// ending warns of a client certificate that does not hold, or not for long; it is empty if there is none, or all is well.
func ending(key string, place config.Place) string {
	options, ok := place.Options().(interface {
		CheckCertificate() (from, to time.Time, err error)
	})
	if !ok {
		return ""
	}
	from, to, err := options.CheckCertificate()
	if err != nil {
		return ""
	}
	return usage.Ending(key+"."+place.Kind()+".cert_file", "its connections are refused", from, to, time.Now())
}

func endingOfCallback(ends time.Time) string {
	return usage.Ending("callback.tls.cert_file", "VOD can't post any more", time.Time{}, ends, time.Now())
}

// handlerKey is under which key the configuration has its i-th handler.
func handlerKey(i int) string { return fmt.Sprintf("handlers[%d]", i) }

// badCertificate says which of the files of callback.tls is wrong.
func badCertificate(config *config.Config, err error) error {
	key := "callback.tls.cert_file"
	if wrong, is := errors.AsType[*fs.PathError](err); is && wrong.Path != config.Callback.TLS.CertFile {
		key = "callback.tls.key_file"
	}
	return config.Errorf(key, "%w", usage.File(err))
}

// newSource returns what calls the API for an application.
func newSource(config *config.Config, subAppID uint64, keys *tencent.Keyring) (*tencent.Source, error) {
	source, err := tencent.New(sourceOptions(config, subAppID, keys))
	if errors.Is(err, tencent.ErrCAFile) {
		return nil, config.Errorf("vod.ca_file", "%w", usage.File(err))
	}
	return source, err
}
