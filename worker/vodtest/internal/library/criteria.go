package library

import (
	"slices"
	"strings"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A criterion is something that files fulfil or do not.
type criterion func(*media) bool

// criteriaOf returns all that a search asks for. What files here cannot be, such as recordings of a stream, none of them is. Vid
// and Vids are without effect in VOD too.
func criteriaOf(p *api.SearchMedia) ([]criterion, error) {
	var criteria []criterion
	for _, c := range choicesOf(p) {
		if len(c.values) == 0 {
			continue
		}
		if err := c.check(); err != nil {
			return nil, err
		}
		criteria = append(criteria, func(m *media) bool {
			return slices.ContainsFunc(c.values, func(value string) bool { return c.fits(m, value) })
		})
	}
	switch {
	case len(p.ClassIds) > 10:
		return nil, api.Refuse("InvalidParameterValue.ClassIds", "ClassIds has more than 10 values")
	case len(p.TrtcSdkAppIds) > 10:
		return nil, api.Refuse("InvalidParameterValue", "TrtcSdkAppIds has more than 10 values")
	}
	if len(p.ClassIds) > 0 {
		criteria = append(criteria, func(m *media) bool { return slices.Contains(p.ClassIds, m.basic.ClassId) })
	}
	if len(p.TrtcSdkAppIds) > 0 {
		criteria = append(criteria, func(*media) bool { return false })
	}
	created, err := createdIn(p)
	if err != nil {
		return nil, err
	}
	expires, err := expiresIn(p)
	if err != nil {
		return nil, err
	}
	return append(criteria, created, expires), nil
}

// A choice is a parameter of a search with several values, one of which a file must fit.
type choice struct {
	name    string
	code    string // of its error
	values  []string
	most    int      // values; 0: any number
	longest int      // in characters; 0: of any length
	allowed []string // nil: all
	fits    func(m *media, value string) bool
}

func (c choice) check() error {
	if c.most > 0 && len(c.values) > c.most {
		return api.Refuse(c.code, "%s has more than %d values", c.name, c.most)
	}
	for _, value := range c.values {
		if c.longest > 0 && runes(value) > c.longest {
			return api.Refuse(c.code, "%s has a value longer than %d characters", c.name, c.longest)
		}
		if c.allowed != nil && !slices.Contains(c.allowed, value) {
			return api.Refuse(c.code, "%s has %.60q, and there are %s", c.name, value, strings.Join(c.allowed, ", "))
		}
	}
	return nil
}

// choicesOf returns the choices of a search, and those parameters that older clients use with one value.
func choicesOf(p *api.SearchMedia) []choice {
	const value = "InvalidParameterValue"
	sources := []string{"Record", "Upload", "VideoProcessing", "TrtcRecord", "WebPageRecord", "Unknown"}
	categories := []string{video, audio, image}
	states := []string{"Normal", "SystemForbidden", "Forbidden"}
	classes := []string{"STANDARD", "STANDARD_IA", "ARCHIVE", "DEEP_ARCHIVE"}
	results := []string{"pass", "review", "block", "notModerated"}

	none := func(*media, string) bool { return false }
	name := func(m *media, v string) bool { return like(m.basic.Name, v) }
	description := func(m *media, v string) bool { return like(m.basic.Description, v) }
	source := func(m *media, v string) bool { return m.basic.SourceInfo.SourceType == v }
	return []choice{
		{"FileIds", value + ".FileIds", p.FileIds, 10, 40, nil, func(m *media, v string) bool { return m.id == v }},
		{"Names", value + ".Names", lower(p.Names...), 10, 100, nil, name},
		{"NamePrefixes", value + ".NamePrefixes", p.NamePrefixes, 10, 100, nil,
			func(m *media, v string) bool { return strings.HasPrefix(m.basic.Name, v) }},
		{"Descriptions", value, lower(p.Descriptions...), 10, 100, nil, description},
		{"Text", value + ".Text", lower(given(p.Text)...), 1, 64, nil,
			func(m *media, v string) bool { return name(m, v) || description(m, v) }},
		{"Tags", value + ".Tags", p.Tags, 16, 32, nil,
			func(m *media, v string) bool { return slices.Contains(m.basic.TagSet, v) }},
		{"Categories", value + ".Categories", p.Categories, 0, 0, categories,
			func(m *media, v string) bool { return m.basic.Category == v }},
		{"SourceTypes", value + ".SourceTypes", p.SourceTypes, 10, 0, sources, source},
		{"SourceType", value + ".SourceType", given(p.SourceType), 1, 0, sources, source},
		{"StorageRegions", value + ".StorageRegions", p.StorageRegions, 20, 20, nil,
			func(m *media, v string) bool { return m.basic.StorageRegion == v }},
		{"StorageClasses", value, p.StorageClasses, 0, 0, classes,
			func(m *media, v string) bool { return m.basic.StorageClass == v }},
		{"MediaTypes", value + ".Types", p.MediaTypes, 10, 0, nil,
			func(m *media, v string) bool { return strings.EqualFold(m.basic.Type, v) }},
		{"Status", value, p.Status, 0, 0, states, func(m *media, v string) bool { return m.basic.Status == v }},
		{"ReviewResults", value, p.ReviewResults, 0, 0, results, func(_ *media, v string) bool { return v == "notModerated" }},
		{"StreamIds", value + ".StreamIds", p.StreamIds, 10, 0, nil, none},
		{"StreamId", value + ".StreamIds", given(p.StreamId), 1, 0, nil, none},
		{"StreamDomains", value, p.StreamDomains, 0, 0, nil, none},
		{"StreamPaths", value, p.StreamPaths, 0, 0, nil, none},
		{"TrtcRoomIds", value, p.TrtcRoomIds, 10, 64, nil, none},
	}
}

func given(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// createdIn reads the period of CreateTime, to which both of its ends belong; and that of StartTime and EndTime, whose end does
// not. The former counts where both are given.
func createdIn(p *api.SearchMedia) (criterion, error) {
	after, before, inclusive := p.StartTime, p.EndTime, false
	if r := p.CreateTime; r != nil {
		if r.After != "" {
			after = r.After
		}
		if r.Before != "" {
			before, inclusive = r.Before, true
		}
	}
	var created period
	if err := created.after(after); err != nil {
		return nil, api.Refuse("InvalidParameterValue.StartTime", "the begin of CreateTime is %.60q; %v", after, err)
	}
	if err := created.before(before, inclusive); err != nil {
		return nil, api.Refuse("InvalidParameterValue.EndTime", "the end of CreateTime is %.60q; %v", before, err)
	}
	return func(m *media) bool { return created.has(m.created) }, nil
}

func expiresIn(p *api.SearchMedia) (criterion, error) {
	var expires period
	if r := p.ExpireTime; r != nil {
		if err := expires.after(r.After); err != nil {
			return nil, api.Refuse("InvalidParameterValue.ExpireTime", "ExpireTime.After is %.60q; %v", r.After, err)
		}
		if err := expires.before(r.Before, true); err != nil {
			return nil, api.Refuse("InvalidParameterValue.ExpireTime", "ExpireTime.Before is %.60q; %v", r.Before, err)
		}
	}
	return func(m *media) bool { return expires.has(m.expires.end()) }, nil
}
