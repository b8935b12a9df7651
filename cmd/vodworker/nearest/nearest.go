// Package nearest finds the name that was meant by a misspelt one.
package nearest

import (
	"slices"
	"strings"
)

// Of returns the one of several names, at least one, that is the fewest edits away from name; of equals the first.
func Of[Name ~string](name string, names []Name) Name {
	return slices.MinFunc(names, func(a, b Name) int { return Distance(name, string(a)) - Distance(name, string(b)) })
}

// Distance is how many letters are added, left out, wrong or swapped with their neighbour, regardless of case.
func Distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
