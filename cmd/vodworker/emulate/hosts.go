package emulate

import (
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strings"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

// hostVariable has more names of --host, separated by commas: the service container of a CI is given no flags.
const hostVariable = "VODWORKER_EMULATE_HOST"

// hostNames returns the names that flags and the variable give the emulator.
func (o *Options) hostNames() (names []string, err error) {
	for _, given := range o.hosts {
		if names, err = addHost(names, "--host", given); err != nil {
			return nil, err
		}
	}
	for given := range strings.SplitSeq(os.Getenv(hostVariable), ",") {
		if given = strings.TrimSpace(given); given == "" {
			continue
		}
		if names, err = addHost(names, hostVariable, given); err != nil {
			return nil, err
		}
	}
	return names, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$`) // services have underscores, too

func addHost(names []string, from, given string) ([]string, error) {
	if address, err := netip.ParseAddr(strings.Trim(given, "[]")); err == nil {
		return append(names, address.String()), nil
	}
	if !hostName.MatchString(given) {
		return nil, usage.Mistaken(fmt.Errorf("%s %q: it must be a host's name or address alone, such as emulator, "+
			"without a scheme, a port or a path", from, given))
	}
	return append(names, given), nil
}
