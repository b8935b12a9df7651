package library

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// like is whether a text has another in it, which is in lower case, in whatever case.
func like(text, lower string) bool { return strings.Contains(strings.ToLower(text), lower) }

// lower returns texts in lower case, which does not change how long they are.
func lower(texts ...string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = strings.ToLower(text)
	}
	return all
}

// texts are those that a search asks for, in lower case.
type texts struct{ names, descriptions []string }

func textsOf(p *api.SearchMedia) texts {
	t := texts{lower(p.Names...), lower(p.Descriptions...)}
	if p.Text != "" {
		t.names = append(t.names, strings.ToLower(p.Text))
		t.descriptions = append(t.descriptions, strings.ToLower(p.Text))
	}
	return t
}

func (t texts) any() bool { return len(t.names)+len(t.descriptions) > 0 }

// sort puts those media first that are most like the texts. Those that are equally like them stay in their order.
func (t texts) sort(found []*media) {
	type candidate struct {
		*media
		likeness float64
	}
	candidates := make([]candidate, len(found))
	for i, m := range found {
		basic := &m.basic
		candidates[i] = candidate{m, share(basic.Name, t.names) + share(basic.Description, t.descriptions)}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.likeness, a.likeness) })
	for i, c := range candidates {
		found[i] = c.media
	}
}

// share returns how much of a text that one of the wanted is that has most of it: 1 if it is the text itself.
func share(text string, wanted []string) float64 {
	most := 0
	for _, w := range wanted {
		if like(text, w) {
			most = max(most, runes(w))
		}
	}
	if most == 0 {
		return 0
	}
	return float64(most) / float64(runes(text))
}
