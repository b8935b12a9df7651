package library

import (
	"cmp"
	"fmt"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// ModifyMediaInfo changes what is known of a file: all that is asked for, or nothing if any of it is refused.
func (l *Library) ModifyMediaInfo(p *api.ModifyMediaInfo, now time.Time) (*api.ModifyMediaInfoResponse, error) {
	m := l.media[p.FileId]
	if m == nil {
		return nil, api.Refuse("ResourceNotFound.FileNotExist", "there is no file %.60q in this application", p.FileId)
	}
	err := cmp.Or(
		lacking("AddSubtitles", len(p.AddSubtitles) > 0),
		lacking("DeleteSubtitleIds", len(p.DeleteSubtitleIds) > 0),
		lacking("ClearSubtitles", p.ClearSubtitles == 1),
	)
	if err != nil {
		return nil, err
	}
	basic := m.basic
	if err := modifyBasic(&basic, p); err != nil {
		return nil, err
	}
	tags, err := modifyTags(basic.TagSet, p)
	if err != nil {
		return nil, err
	}
	frames, err := modifyKeyFrames(m.keyFrames, p)
	if err != nil {
		return nil, err
	}
	coverFile, err := readCover(p.CoverData)
	if err != nil {
		return nil, err
	}
	var expires time.Time
	if p.ExpireTime != nil {
		if expires, err = readExpiry(*p.ExpireTime, now); err != nil {
			return nil, err
		}
	}

	basic.UpdateTime, basic.TagSet = format(now), tags
	m.basic, m.keyFrames = basic, frames
	if p.ExpireTime != nil {
		l.setExpiry(m, expires)
	}
	r := &api.ModifyMediaInfoResponse{AddedSubtitleSet: []api.MediaSubtitleItem{}}
	if coverFile != "" {
		m.giveCover(m.url(coverFile))
		r.CoverUrl = m.basic.CoverUrl
	}
	return r, nil
}

// modifyBasic changes those texts and numbers that are given.
func modifyBasic(basic *api.MediaBasicInfo, p *api.ModifyMediaInfo) error {
	if p.Name != nil {
		if basic.Name = *p.Name; runes(basic.Name) > 64 {
			return api.Refuse("InvalidParameterValue.Name", "Name is longer than 64 characters")
		}
	}
	if p.Description != nil {
		if basic.Description = *p.Description; runes(basic.Description) > 128 {
			return api.Refuse("InvalidParameterValue.Description", "Description is longer than 128 characters")
		}
	}
	if p.ClassId != nil {
		if *p.ClassId < 0 {
			return api.Refuse("InvalidParameterValue.ClassId", "ClassId is negative")
		}
		setClass(basic, *p.ClassId)
	}
	return nil
}

// setClass puts a file into a class, of which only the number is known here.
func setClass(basic *api.MediaBasicInfo, id int64) {
	name := "Other"
	if id != 0 {
		name = fmt.Sprintf("Class %d", id)
	}
	basic.ClassId, basic.ClassName, basic.ClassPath = id, name, name
}
