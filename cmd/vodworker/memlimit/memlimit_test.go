package memlimit

import (
	"errors"
	"testing"
)

func TestTheMemoryIsThatOfTheContainer(t *testing.T) {
	const unlimited = "9223372036854771712\n"
	tests := map[string]struct {
		groups string
		files  map[string]string
		want   int64
	}{
		"none":                 {"", nil, 0},
		"version 2":            {"0::/\n", map[string]string{"/sys/fs/cgroup/memory.max": "268435456\n"}, 256 << 20},
		"version 2, unlimited": {"0::/\n", map[string]string{"/sys/fs/cgroup/memory.max": "max\n"}, 0},
		"a unit of systemd": {"0::/system.slice/v.service\n", map[string]string{
			"/sys/fs/cgroup/system.slice/v.service/memory.max": "max\n", "/sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
		}, 1 << 30},
		"the smallest": {"0::/a/b\n", map[string]string{
			"/sys/fs/cgroup/a/memory.max": "300\n", "/sys/fs/cgroup/a/b/memory.max": "400\n",
		}, 300},
		"the paths of the host": {"0::/kubepods/pod1/c\n", map[string]string{"/sys/fs/cgroup/memory.max": "500\n"}, 500},
		"version 1": {"5:cpu,cpuacct:/docker/c\n4:memory:/docker/c\n0::/\n", map[string]string{
			"/sys/fs/cgroup/memory/docker/c/memory.limit_in_bytes": "600\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": unlimited,
		}, 600},
		"version 1, unlimited": {"4:memory:/\n", map[string]string{"/sys/fs/cgroup/memory/memory.limit_in_bytes": unlimited}, 0},
		"odd":                  {"nonsense\n::\n0::\n", map[string]string{"/sys/fs/cgroup/memory.max": "-1\n"}, 0},
	}
	for name, test := range tests {
		got := containerLimit(test.groups, func(path string) ([]byte, error) {
			if text, there := test.files[path]; there {
				return []byte(text), nil
			}
			return nil, errors.New("not there")
		})
		if got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
