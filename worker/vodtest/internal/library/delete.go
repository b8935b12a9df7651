package library

import (
	"slices"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// DeleteMedia deletes a file, or parts of it.
func (l *Library) DeleteMedia(p *api.DeleteMedia, now time.Time) (*api.DeleteMediaResponse, error) {
	m := l.media[p.FileId]
	if m == nil {
		return nil, api.Refuse("ResourceNotFound", "there is no file %.60q in this application", p.FileId)
	}
	if len(p.DeleteParts) == 0 {
		l.Delete(p.FileId, now)
		return &api.DeleteMediaResponse{}, nil
	}
	for _, part := range p.DeleteParts {
		if partsToDelete[part.Type] == nil {
			return nil, api.Refuse("InvalidParameterValue", "DeleteParts has the Type %.60q, and there are OriginalFiles, "+
				"TranscodeFiles, AdaptiveDynamicStreamingFiles, WechatPublishFiles, WechatMiniProgramPublishFiles", part.Type)
		}
	}
	for _, part := range p.DeleteParts {
		partsToDelete[part.Type](m, part.Definition)
	}
	m.basic.UpdateTime = format(now)
	l.emitDeleted(p.FileId, p.DeleteParts)
	return &api.DeleteMediaResponse{}, nil
}

// partsToDelete delete, by the Type of DeleteParts, what was made with a template, or all if that is 0. OriginalFiles takes the
// cover that came with the file, and TranscodeFiles one that was made of it. No file here has any of those that do nothing.
var partsToDelete = map[string]func(m *media, definition int64){
	"OriginalFiles": func(m *media, _ int64) {
		m.basic.MediaUrl = ""
		if m.basic.CoverUrl == m.givenCover {
			m.basic.CoverUrl = ""
		}
	},
	"TranscodeFiles": func(m *media, definition int64) {
		left := without(m.transcoded, definition, func(i api.MediaTranscodeItem) int64 { return i.Definition })
		deletes := definition == 0 || len(left) < len(m.transcoded)
		if m.transcoded = left; deletes && m.basic.CoverUrl != m.givenCover {
			m.basic.CoverUrl = ""
		}
	},
	"AdaptiveDynamicStreamingFiles": func(m *media, definition int64) {
		m.adaptive = without(m.adaptive, definition, func(i api.AdaptiveDynamicStreamingInfoItem) int64 { return i.Definition })
	},
	"WechatPublishFiles":            func(*media, int64) {},
	"WechatMiniProgramPublishFiles": func(*media, int64) {},
}

// without returns the items of all other templates, none if the template is 0.
func without[Item any](items []Item, definition int64, of func(Item) int64) []Item {
	return slices.DeleteFunc(slices.Clone(items), func(item Item) bool { return definition == 0 || of(item) == definition })
}

// Delete deletes a file, which need not be known.
func (l *Library) Delete(fileID string, now time.Time) {
	if m := l.media[fileID]; m != nil {
		l.keep(m)
		m.deleted = now
		l.ordered.Remove(m.place)
		delete(l.media, fileID)
		if l.deleted = append(l.deleted, m); len(l.deleted) > keptDeleted {
			l.deleted = l.deleted[1:]
		}
	}
	l.emitDeleted(fileID, []api.MediaDeleteItem{})
}

func (l *Library) emitDeleted(fileID string, parts []api.MediaDeleteItem) {
	l.emit("FileDeleted", "FileDeleteEvent", fileID, api.FileDeleteTask{
		FileIdSet:            []string{fileID},
		FileDeleteResultInfo: []api.FileDeleteResultItem{{FileId: fileID, DeleteParts: parts}},
	})
}
