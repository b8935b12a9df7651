package show

import (
	"fmt"
	"strings"
)

// And lists several: 7, 8 and 9.
func And[T any](of []T) string {
	var out strings.Builder
	for i, one := range of {
		switch {
		case i > 0 && i == len(of)-1:
			out.WriteString(" and ")
		case i > 0:
			out.WriteString(", ")
		}
		fmt.Fprint(&out, one)
	}
	return out.String()
}
