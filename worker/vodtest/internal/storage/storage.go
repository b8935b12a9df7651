// Package storage is where files are uploaded to: as much of the vendor's object storage as an upload needs, in one piece or in
// parts. What is uploaded is counted and checked, and not kept.
package storage

import (
	"slices"
	"sync"
	"time"
)

// What a storage takes and remembers. Of what it remembers the oldest goes if there is more.
const (
	maxPut     = 5 << 30 // bytes of an object in one piece, and of a part
	minPart    = 1 << 20 // bytes of every part but the last one
	maxParts   = 10_000  // of an upload; their numbers begin with 1
	mostGrants = 50_000
	mostParted = 1_000   // uploads in parts, that are not complete
	mostParts  = 500_000 // of them together
)

type limits struct {
	put                   int64
	grants, parted, parts int
}

// Config is what a storage needs of others. It calls them without a lock of its own.
type Config struct {
	Now   func() time.Time // by which grants end, as their Ends says
	Clock func() time.Time // that the times of signatures are compared with
	NewID func() string    // makes names of requests and of uploads in parts, each another
}

// A Storage takes what its grants allow. Create it with [New]. All of its methods are safe for concurrent use.
type Storage struct {
	Config
	most limits

	mu     sync.Mutex // guards the rest; no body is read while it is held
	grants map[string]*grant
	order  []*grant  // the oldest first
	parted []*parted // of all grants, the oldest first
	parts  int       // of all of these
}

// A Grant allows whoever has its key to upload some objects until it ends.
type Grant struct {
	SecretID, SecretKey, Token string

	Bucket, Region string
	Keys           []string // of the objects
	Ends           time.Time
}

type grant struct {
	Grant
	objects map[string]object // that were uploaded, by key
}

// An object is what is known of one.
type object struct {
	size     int64
	etag     string // with its quotes
	crc      uint64
	modified time.Time
}

// New returns a storage without grants.
func New(cfg Config) *Storage {
	return &Storage{Config: cfg, most: limits{maxPut, mostGrants, mostParted, mostParts}, grants: map[string]*grant{}}
}

// Grant makes a grant known. Its SecretID is another than that of any other. Like Uploaded and Reset it asks nothing of Config,
// so that whoever calls may hold a lock.
func (s *Storage) Grant(g Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := &grant{g, map[string]object{}}
	s.grants[g.SecretID] = fresh
	s.order = append(s.order, fresh)
	if len(s.order) > s.most.grants {
		s.forgetOldest()
	}
}

// Uploaded returns how many bytes an object has that was uploaded with a grant, and false if there is none.
func (s *Storage) Uploaded(secretID, key string) (size int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.grants[secretID]; g != nil {
		o, ok := g.objects[key]
		return o.size, ok
	}
	return 0, false
}

// Reset forgets all grants, and what was uploaded. What is being uploaded stores nothing.
func (s *Storage) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants, s.order, s.parted, s.parts = map[string]*grant{}, nil, nil, 0
}

// forgetOldest forgets a grant, and what was uploaded with it. The lock must be held.
func (s *Storage) forgetOldest() {
	oldest := s.order[0]
	s.order[0], s.order = nil, s.order[1:]
	delete(s.grants, oldest.SecretID)
	for _, p := range slices.Clone(s.parted) {
		if p.grant == oldest {
			s.drop(p)
		}
	}
}

// keep notes an object that has arrived, in place of any other, if it is still allowed.
func (s *Storage) keep(g *grant, key string, o object) error {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.holds(g, now); err != nil {
		return err
	}
	g.objects[key] = o
	return nil
}

// holds refuses what a grant does not allow any more. The lock must be held.
func (s *Storage) holds(g *grant, now time.Time) error {
	switch {
	case s.grants[g.SecretID] != g:
		return unknownKey
	case !now.Before(g.Ends):
		return &refusal{403, "ExpiredToken", "the temporary key has ended; ApplyUpload gives another"}
	}
	return nil
}
