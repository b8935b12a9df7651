package library

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// maxFound is how many files a search shows, and counts, at most.
const maxFound = 5000

// SearchMedia returns the files that fulfil all that is asked for: the newest first, or in the order of Sort; if it was asked
// for a text, those first that are most like it.
func (l *Library) SearchMedia(p *api.SearchMedia, _ time.Time) (*api.SearchMediaResponse, error) {
	limit := p.Limit
	if limit == 0 {
		limit = 10
	}
	if p.Offset > maxFound || limit > maxFound-p.Offset {
		return nil, api.Refuse("InvalidParameterValue.Offset", "Offset and Limit are more than %d together", maxFound)
	}
	oldestFirst, err := readSort(p.Sort)
	if err != nil {
		return nil, err
	}
	if err := checkFilters(p.Filters); err != nil {
		return nil, err
	}
	wanted, err := criteriaOf(p)
	if err != nil {
		return nil, err
	}

	found := l.find(wanted)
	if texts := textsOf(p); texts.any() {
		texts.sort(found)
	} else if oldestFirst {
		slices.Reverse(found)
	}
	found = found[:min(len(found), maxFound)]
	r := &api.SearchMediaResponse{TotalCount: uint64(len(found)), MediaInfoSet: []api.MediaInfo{}}
	page := found[min(p.Offset, r.TotalCount):min(p.Offset+limit, r.TotalCount)]
	for _, m := range page {
		r.MediaInfoSet = append(r.MediaInfoSet, m.shown(p.Filters))
	}
	return r, nil
}

func readSort(by *api.SortBy) (oldestFirst bool, err error) {
	switch {
	case by == nil:
		return false, nil
	case by.Field != "CreateTime" || !slices.Contains([]string{"", "Asc", "Desc"}, by.Order):
		return false, api.Refuse("InvalidParameterValue.Sort", "Sort must have the Field CreateTime, and the Order Asc or Desc")
	}
	return by.Order == "Asc", nil
}

// find returns all files that fulfil all criteria, the newest first.
func (l *Library) find(criteria []criterion) []*media {
	var found []*media
next:
	for e := l.ordered.Back(); e != nil; e = e.Prev() {
		m := e.Value.(*media)
		for _, fulfills := range criteria {
			if !fulfills(m) {
				continue next
			}
		}
		found = append(found, m)
	}
	return found
}
