package library

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// readCover returns the name of the file that a CoverData becomes, "" if there is none. Another image has another name.
func readCover(data string) (name string, err error) {
	if data == "" {
		return "", nil
	}
	decoded, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return "", api.Refuse("InvalidParameterValue.ImageDecodeError", "CoverData is not Base64: %v", err)
	}
	for begin, extension := range map[string]string{"GIF8": "gif", "\xff\xd8\xff": "jpg", "\x89PNG\r\n\x1a\n": "png"} {
		if strings.HasPrefix(string(decoded), begin) {
			return fmt.Sprintf("cover_%08x.%s", crc32.ChecksumIEEE(decoded), extension), nil
		}
	}
	return "", api.Refuse("InvalidParameterValue.ImageDecodeError", "CoverData is no GIF, JPEG or PNG")
}
