package front

import (
	"bytes"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func keep(t *testing.T, dir string, names ...string) *Authority {
	t.Helper()
	a, err := KeepAuthority(dir, names...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnAuthorityThatIsKeptIsTheSameTheNextTime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "tls")
	first := keep(t, dir, "emulator.test", "10.1.2.3")
	if again := keep(t, dir, "emulator.test", "10.1.2.3"); !bytes.Equal(again.PEM(), first.PEM()) {
		t.Error("it is another one")
	}
	if shown, err := os.ReadFile(filepath.Join(dir, "authority.pem")); err != nil || !bytes.Equal(shown, first.PEM()) {
		t.Errorf("its certificate is %s, %v", shown, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "authority.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	keep(t, dir, "emulator.test", "10.1.2.3")
	if shown, err := os.ReadFile(filepath.Join(dir, "authority.pem")); err != nil || !bytes.Equal(shown, first.PEM()) {
		t.Errorf("its certificate is not mended: %s, %v", shown, err)
	}
	if start(t, first, "127.0.0.1:0"); runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{"": 0o700, "key.pem": 0o600, "authority.pem": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s is %v, %v", path, info.Mode(), err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("there are %v", entries)
	}
}

func TestAnAuthorityIsMadeAnewWhenItIsNotGoodAnyMore(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	first := keep(t, dir)
	named := keep(t, dir, "emulator.test")
	if bytes.Equal(first.PEM(), named.PEM()) {
		t.Error("it is the same for other names")
	}
	if without := keep(t, dir); bytes.Equal(without.PEM(), named.PEM()) {
		t.Error("it is for more names than it is to be for")
	}
	address := keep(t, dir, "10.1.2.3")
	if other := keep(t, dir, "10.1.2.4"); bytes.Equal(other.PEM(), address.PEM()) {
		t.Error("it is the same for another address")
	}
}

// One that somebody has put there, or an earlier version, may be good for more than ours are.
func TestAnAuthorityThatIsNotAsOneIsMadeTodayIsNotUsed(t *testing.T) {
	for name, change := range map[string]func(*x509.Certificate){
		"has ended":             func(c *x509.Certificate) { c.NotBefore, c.NotAfter = hours(-24), hours(-1) },
		"ends soon":             func(c *x509.Certificate) { c.NotBefore, c.NotAfter = hours(-13), hours(11) },
		"has not begun":         func(c *x509.Certificate) { c.NotBefore = hours(1) },
		"is good for years":     func(c *x509.Certificate) { c.NotAfter = hours(24 * 365) },
		"may have others below": func(c *x509.Certificate) { c.MaxPathLenZero = false },
		"may be misunderstood":  func(c *x509.Certificate) { c.PermittedDNSDomainsCritical = false },
		"is for more hosts":     func(c *x509.Certificate) { c.PermittedDNSDomains = append(c.PermittedDNSDomains, "com") },
		"is for more addresses": func(c *x509.Certificate) { c.PermittedIPRanges[0] = only(net.IPv4zero, 0) },
		"signs more":            func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign },
		"signs for clients":     func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth) },
		"signs for all":         func(c *x509.Certificate) { c.ExtKeyUsage = nil },
	} {
		dir := filepath.Join(t.TempDir(), "tls")
		first := keep(t, dir, "emulator.test")
		rewrite(t, dir, first, func(*x509.Certificate) {})
		kept := keep(t, dir, "emulator.test")
		if bytes.Equal(kept.PEM(), first.PEM()) {
			t.Fatal("the one in the folder is not used at all")
		}
		rewrite(t, dir, first, change)
		planted, err := os.ReadFile(filepath.Join(dir, keyFile))
		if err != nil {
			t.Fatal(err)
		}
		if again := keep(t, dir, "emulator.test"); bytes.Contains(planted, again.PEM()) {
			t.Errorf("one is used that %s", name)
		}
	}
}

func hours(n int) time.Time { return time.Now().Add(time.Duration(n) * time.Hour) }

func TestAFolderThatOthersCanReadOrThatIsDamagedIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(dir string) error
		want  string
	}{
		"an open folder": {func(dir string) error { return os.Chmod(dir, 0o750) }, "chmod 700"},
		"an open key":    {func(dir string) error { return os.Chmod(filepath.Join(dir, keyFile), 0o644) }, "chmod 600"},
		"half a key":     {func(dir string) error { return os.Truncate(filepath.Join(dir, keyFile), 100) }, "remove it"},
		"an empty key":   {func(dir string) error { return os.Truncate(filepath.Join(dir, keyFile), 0) }, "remove it"},
		"no authority": {func(dir string) error {
			rewrite(t, dir, keep(t, dir), func(c *x509.Certificate) {
				c.IsCA, c.MaxPathLenZero, c.PermittedDNSDomains = false, false, nil
				c.PermittedIPRanges = nil
			})
			return nil
		}, "is not of an authority"},
		"a folder for key": {func(dir string) error { return swap(filepath.Join(dir, keyFile), os.Mkdir) }, "remove it"},
		"a file": {func(dir string) error {
			return swap(dir, func(path string, mode os.FileMode) error { return os.WriteFile(path, nil, mode) })
		}, "is no folder"},
		"a link to a folder": {func(dir string) error {
			return swap(dir, func(path string, _ os.FileMode) error { return os.Symlink(os.TempDir(), path) })
		}, "is no folder"},
		"a link to a key": {func(dir string) error {
			return swap(filepath.Join(dir, keyFile), func(path string, _ os.FileMode) error { return os.Symlink("authority.pem", path) })
		}, "is no file"},
	} {
		dir := filepath.Join(t.TempDir(), "tls")
		keep(t, dir)
		if err := test.spoil(dir); err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS == "windows" && strings.Contains(test.want, "chmod") {
			continue
		}
		a, err := KeepAuthority(dir)
		if a != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: the error shows a key: %v", name, err)
		}
	}
}

// swap puts something else where a file or a folder is.
func swap(path string, make func(string, os.FileMode) error) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return make(path, 0o700)
}

func TestALinkToAFolderIsRefusedWithASlashBehindItToo(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Skip(err)
	}
	if _, err := KeepAuthority(link + "/"); err == nil || !strings.Contains(err.Error(), "is no folder") {
		t.Errorf("the error is %v", err)
	}
}

// What a client is told to trust is what the emulator has that it calls.
func TestEmulatorsThatBeginAtOnceHaveOneAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	got := make([][]byte, 20)
	var starting sync.WaitGroup
	for i := range got {
		starting.Go(func() {
			a, err := KeepAuthority(dir, "emulator.test")
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = a.PEM()
		})
	}
	starting.Wait()
	shown, err := os.ReadFile(filepath.Join(dir, certificateFile))
	for _, certificate := range got {
		if !bytes.Equal(certificate, shown) {
			t.Fatalf("there are several, or %v", err)
		}
	}
}

func TestAFolderOfAnotherUserIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	for _, name := range []string{"", keyFile} {
		dir := filepath.Join(t.TempDir(), "tls")
		keep(t, dir)
		if err := os.Chown(filepath.Join(dir, name), 65532, -1); err != nil {
			t.Skip(err)
		}
		if _, err := KeepAuthority(dir); err == nil || !strings.Contains(err.Error(), "is another user's") {
			t.Errorf("%q: the error is %v", name, err)
		}
	}
}

func TestTheKeyOfANewAuthorityIsOnNoDisk(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Chdir(dir)
	emulated(t)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("there are %v, %v", entries, err)
	}
}
