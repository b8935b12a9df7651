// Command image builds the images of a release as tars, from their Dockerfiles and the programs in -dist. It needs no network and
// no daemon. The same programs give the same bytes.
package main

import (
	"encoding/pem"
	"flag"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const dockerfiles = "../../cmd/vodworker/deploy"

// images are what is built: the name, the Dockerfile, and how the tars are called.
var images = []struct{ name, dockerfile, tar string }{
	{"vodworker", "Dockerfile", "vodworker-image-linux-"},
	{"vodworker-emulator", "emulator.Dockerfile", "vodworker-emulator-image-linux-"},
}

func main() {
	log.SetFlags(0)
	version := flag.String("version", "", "of the program; the tag of the image")
	date := flag.String("date", "", "of its files, as RFC 3339")
	dist := flag.String("dist", "", "the folder with the programs; it gets the images")
	flag.Parse()
	if err := build(*version, *date, *dist); err != nil {
		log.Fatal(err)
	}
}

func build(version, date, dist string) error {
	created, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dist, "ca-certificates.crt"), certificates(), 0o644); err != nil {
		return err
	}
	for _, i := range images {
		tag, err := name.NewTag(i.name + ":" + version)
		if err != nil {
			return err
		}
		for _, arch := range []string{"amd64", "arm64"} {
			image, err := read(i.dockerfile, arch, dist, created)
			if err != nil {
				return err
			}
			if err := tarball.WriteToFile(filepath.Join(dist, i.tar+arch+".tar"), tag, image); err != nil {
				return err
			}
		}
	}
	return nil
}

// read builds what a Dockerfile says.
func read(dockerfile, arch, dist string, created time.Time) (v1.Image, error) {
	text, err := os.ReadFile(filepath.Join(dockerfiles, dockerfile))
	if err != nil {
		return nil, err
	}
	recipe, err := parse(dockerfile, string(text), arch)
	if err != nil {
		return nil, err
	}
	return recipe.image(dist, created)
}

// certificates returns Mozilla's list in PEM, as of the module in go.sum: it does not depend on the machine that builds.
func certificates() (text []byte) {
	for root := range bundle.Roots() {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})...)
	}
	return text
}
