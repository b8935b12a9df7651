package library

import (
	"container/list"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// A media is one file and what was made of it.
type media struct {
	id       string
	number   int // in the order in which they were made
	basic    api.MediaBasicInfo
	metaData *api.MediaMetaData // which never changes
	created  time.Time
	deleted  time.Time // zero while it is there
	expires  expiry
	tasks    []*task
	events   []EventRef
	place    *list.Element // in ordered
	subAppID uint64

	keyFrames  []api.MediaKeyFrameDescItem // in the order of their offsets
	givenCover string                      // URL of the cover that came with the file; any other was made of it

	// What was made of it.
	transcoded []api.MediaTranscodeItem
	animated   []api.MediaAnimatedGraphicsItem
	snapshots  []api.MediaSnapshotByTimeOffsetItem
	samples    []api.MediaSampleSnapshotItem
	sprites    []api.MediaImageSpriteItem
	adaptive   []api.AdaptiveDynamicStreamingInfoItem
}

// hasOriginal is whether there is something to process. A file without it has no MediaUrl.
func (m *media) hasOriginal() bool { return m.deleted.IsZero() && m.basic.MediaUrl != "" }

// giveCover makes the file have a cover that was not made of it.
func (m *media) giveCover(url string) { m.basic.CoverUrl, m.givenCover = url, url }

// An EventRef is an event that was about a file.
type EventRef struct {
	Number int // in its queue
	Type   string
}

// keptRefs is how many a file keeps of them.
const keptRefs = 50

// Upload does what uploading a file does: it is there, and there is a NewFileUpload. It returns the FileId.
func (l *Library) Upload(name string, now time.Time) string {
	m := l.create(name, "Upload", "", now)
	l.emitUploaded(m, "")
	return m.id
}

// emitUploaded tells that a file is there, and which task works on it, if one does.
func (l *Library) emitUploaded(m *media, taskID string) {
	l.emit("NewFileUpload", "FileUploadEvent", m.id,
		api.FileUploadTask{FileId: m.id, MediaBasicInfo: &m.basic, ProcedureTaskId: taskID})
}

// Persist does what keeping a live clip for good does. The file need not be known.
func (l *Library) Persist(fileID string) {
	l.emit("PersistenceComplete", "PersistenceCompleteEvent", fileID,
		api.PersistenceCompleteTask{FileId: fileID, PersistenceSource: "LiveRealTimeClip"})
}

// create makes a file and keeps it.
func (l *Library) create(name, source, sourceContext string, now time.Time) *media {
	return l.createAs(l.rules.NewFile(), name, source, sourceContext, now)
}

func (l *Library) createAs(id, name, source, sourceContext string, now time.Time) *media {
	m := l.newMedia(id, name, now)
	m.basic.SourceInfo = &api.MediaSourceData{SourceType: source, SourceContext: sourceContext}
	l.made++
	m.number = l.made
	l.media[m.id] = m
	m.place = l.ordered.PushBack(m)
	l.lastFile = m.id
	l.limitFiles()
	return m
}

// newMedia returns a file that is not kept.
func (l *Library) newMedia(id, name string, now time.Time) *media {
	base, extension := splitName(name)
	category := categoryOf(extension)
	m := &media{id: id, metaData: metaDataOf(category, extension), created: now, subAppID: l.subAppID}
	m.basic = api.MediaBasicInfo{
		Name: base, CreateTime: format(now), UpdateTime: format(now), ExpireTime: never, Type: extension,
		MediaUrl: m.url("f0." + extension), StorageRegion: "ap-guangzhou", TagSet: []string{}, Category: category,
		Status: "Normal", StorageClass: "STANDARD",
	}
	setClass(&m.basic, 0)
	return m
}

// url is where a file that was made of this one is.
func (m *media) url(name string) string {
	return fmt.Sprintf("https://%d.vod2.example.com/vod/%s/%s", m.subAppID, m.id, name)
}

// metaData is that of every video, since none of them is looked at.
func metaData() *api.MediaMetaData {
	return &api.MediaMetaData{
		Size: 7700180, Container: container, Bitrate: 1021028, Height: 480, Width: 640, Duration: duration,
		VideoStreamSet: []api.MediaVideoStreamItem{
			{Bitrate: 637174, Height: 480, Width: 640, Codec: "h264", Fps: 23, CodecTag: "avc1"},
		},
		AudioStreamSet: []api.MediaAudioStreamItem{{Bitrate: 383854, SamplingRate: 48000, Codec: "aac"}},
		VideoDuration:  duration, AudioDuration: 59.990001678467,
	}
}

const (
	container = "mov,mp4,m4a,3gp,3g2,mj2"
	duration  = 60 // seconds, of every file
)

func splitName(name string) (base, extension string) {
	dotted := path.Ext(name)
	extension = strings.TrimPrefix(dotted, ".")
	if extension == "" {
		extension = "mp4"
	}
	return strings.TrimSuffix(name, dotted), extension
}

// NoteEvent notes, for who looks at a file, that an event about it has a number.
func (l *Library) NoteEvent(fileID string, ref EventRef) {
	m := l.media[fileID]
	if m == nil {
		for _, gone := range l.deleted {
			if gone.id == fileID {
				m = gone
			}
		}
	}
	if m == nil {
		return
	}
	if m.events = append(m.events, ref); len(m.events) > keptRefs {
		m.events = m.events[len(m.events)-keptRefs:]
	}
}

func runes(s string) int { return utf8.RuneCountInString(s) }
