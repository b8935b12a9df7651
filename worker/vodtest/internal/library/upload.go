package library

import (
	"fmt"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
)

// uploadLife is how long after its ApplyUpload an upload may be committed. The API names no end of it, and of the key.
const uploadLife = 24 * time.Hour

// A Storage is where files are uploaded to.
type Storage struct {
	// Allow makes a key that is good for uploading these objects, until ends.
	Allow func(bucket, region string, keys []string, ends time.Time) api.TempCertificate

	// Uploaded returns how many bytes an object has that was uploaded with a key, and false if there is none.
	Uploaded func(secretID, key string) (size int64, ok bool)
}

// An upload is a file to come.
type upload struct {
	asked     api.ApplyUpload
	expires   time.Time // zero if it stays
	procedure []job     // to follow

	applied   time.Time
	fileID    string
	region    string
	media     string // the key of the object
	cover     string // the same, "" if none is to come
	secretID  string // that they are uploaded with
	committed *api.CommitUploadResponse
}

// uploads are those that were applied for.
type uploads struct {
	known   map[string]*upload // by VodSessionKey
	ordered []string           // the oldest first
}

// ApplyUpload says where a file may be uploaded to, and with which key.
func (l *Library) ApplyUpload(p *api.ApplyUpload, now time.Time) (*api.ApplyUploadResponse, error) {
	u := &upload{asked: *p, applied: now, region: "ap-guangzhou"}
	if err := l.checkUpload(u, now); err != nil {
		return nil, err
	}
	if p.StorageRegion != "" {
		u.region = p.StorageRegion
	}
	u.fileID = l.rules.NewFile()
	folder := fmt.Sprintf("vod/%d/%s/", l.subAppID, u.fileID)
	u.media = folder + "f0." + p.MediaType
	keys := []string{u.media}
	if p.CoverType != "" {
		u.cover = folder + "cover." + p.CoverType
		keys = append(keys, u.cover)
	}
	bucket := fmt.Sprintf("vod%d-1250000000", l.subAppID)
	certificate := l.rules.Storage.Allow(bucket, u.region, keys, now.Add(uploadLife))
	u.secretID = certificate.SecretId
	session := l.rules.NewSession()
	l.uploads.add(session, u, now)
	return &api.ApplyUploadResponse{
		StorageBucket: bucket, StorageRegion: u.region, MediaStoragePath: pathOf(u.media), CoverStoragePath: pathOf(u.cover),
		VodSessionKey: session, TempCertificate: &certificate,
	}, nil
}

// pathOf returns how the API names a key: the upload SDKs cut the slash off, whatever is there.
func pathOf(key string) string {
	if key == "" {
		return ""
	}
	return "/" + key
}

// CommitUpload makes a file of what was uploaded. When it is asked again, since the answer was lost, it answers the same.
func (l *Library) CommitUpload(p *api.CommitUpload, now time.Time) (*api.CommitUploadResponse, error) {
	u := l.uploads.find(p.VodSessionKey, now)
	if u == nil {
		return nil, api.Refuse("InvalidParameterValue.VodSessionKey",
			"there is no such upload in this application, or it is over: it must be that of an ApplyUpload within 24 hours")
	}
	if u.committed != nil {
		return u.committed, nil
	}
	size, there := l.rules.Storage.Uploaded(u.secretID, u.media)
	if !there {
		return nil, api.Refuse("ResourceNotFound", "nothing was uploaded to the MediaStoragePath, in the StorageBucket, of this upload")
	}
	m := l.uploaded(u, size, now)
	u.committed = &api.CommitUploadResponse{FileId: m.id, MediaUrl: m.basic.MediaUrl, CoverUrl: m.basic.CoverUrl}
	return u.committed, nil
}

// uploaded makes the file, and what is to follow.
func (l *Library) uploaded(u *upload, size int64, now time.Time) *media {
	asked := &u.asked
	name := asked.MediaName
	if name == "" {
		name = u.fileID
	}
	m := l.createAs(u.fileID, name+"."+asked.MediaType, "Upload", asked.SourceContext, now)
	m.basic.StorageRegion = u.region
	fit(m.metaData, size)
	setClass(&m.basic, asked.ClassId)
	if _, there := l.rules.Storage.Uploaded(u.secretID, u.cover); there {
		m.giveCover(m.url("cover." + asked.CoverType))
	}
	l.setExpiry(m, u.expires)
	taskID := ""
	if u.procedure != nil {
		t := l.newFlow(m, u.procedure, options{notify: notifyFinish, sessionContext: asked.SessionContext}, now)
		l.held = append(l.held, t.id)
		taskID = t.id
	}
	l.emitUploaded(m, taskID)
	return m
}

// add notes an upload, and forgets what is too old or too much.
func (s *uploads) add(session string, u *upload, now time.Time) {
	if s.known == nil {
		s.known = map[string]*upload{}
	}
	s.known[session] = u
	s.ordered = append(s.ordered, session)
	for len(s.ordered) > mostUploads || !s.known[s.ordered[0]].isGood(now) {
		delete(s.known, s.ordered[0])
		s.ordered = s.ordered[1:]
	}
}

// find returns an upload, nil if there is none that may be committed.
func (s *uploads) find(session string, now time.Time) *upload {
	if u := s.known[session]; u != nil && u.isGood(now) {
		return u
	}
	return nil
}

func (u *upload) isGood(now time.Time) bool { return now.Sub(u.applied) < uploadLife }
