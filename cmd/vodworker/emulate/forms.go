package emulate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// What VOD does in ways that its documentation leaves open.
var (
	emptyForms = map[string]vodtest.Empty{
		"error": vodtest.EmptyNotFound, "null": vodtest.EmptyNull, "list": vodtest.EmptyList, "absent": vodtest.EmptyAbsent,
	}
	quotaKinds = map[string]vodtest.QuotaKind{
		"window": vodtest.QuotaWindow, "sliding": vodtest.QuotaSliding, "bucket": vodtest.QuotaBucket,
	}
)

// choose looks up what the flags name.
func (o *Options) choose() (err error) {
	if o.config.Empty, err = form("--empty", o.empty, emptyForms); err != nil || o.quota == "" {
		return err
	}
	o.config.Quota = vodtest.DocumentedQuota()
	o.config.Quota.Kind, err = form("--quota", o.quota, quotaKinds)
	return err
}

func form[T any](flag, name string, forms map[string]T) (T, error) {
	chosen, ok := forms[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(forms)), ", ")
		return chosen, usage.Mistaken(fmt.Errorf("%s %q: it must be one of %s", flag, name, names))
	}
	return chosen, nil
}
