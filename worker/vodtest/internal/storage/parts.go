package storage

import (
	"bytes"
	"crypto/md5"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// maxComplete is how large a CompleteMultipartUpload may be, in bytes: a part takes about 100.
const maxComplete = 4 << 20

// A parted is an upload in parts that is not complete.
type parted struct {
	id    string
	grant *grant
	key   string
	began time.Time
	parts map[int]part // by their numbers
}

type part struct {
	content
	modified time.Time
}

func (s *Storage) initiate(q *request) (*answer, error) {
	now, clock, id := s.Now(), s.Clock(), s.NewID()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.holds(q.grant, now); err != nil {
		return nil, err
	}
	s.parted = append(s.parted, &parted{id, q.grant, q.key, clock, map[int]part{}})
	s.limit()
	return &answer{body: struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string
	}{Bucket: q.grant.Bucket, Key: q.key, UploadId: id}}, nil
}

func (s *Storage) putPart(q *request) (*answer, error) {
	number, err := strconv.Atoi(q.query.Get("partNumber"))
	if err != nil || number < 1 || number > maxParts || strconv.Itoa(number) != q.query.Get("partNumber") {
		return nil, invalid("partNumber must be a number from 1 to " + strconv.Itoa(maxParts))
	}
	if q.Header.Get("X-Cos-Copy-Source") != "" {
		return nil, &refusal{501, "NotImplemented", "there is nothing to copy here: no content is kept"}
	}
	c, err := q.read(s.most.put, io.Discard)
	if err != nil {
		return nil, err
	}
	clock := s.Clock()
	err = s.upload(q, func(p *parted) error {
		if _, there := p.parts[number]; !there {
			s.parts++
		}
		p.parts[number] = part{c, clock}
		s.limit()
		return nil
	})
	return &answer{object: object{etag: c.etag(), crc: c.crc}}, err
}

// listParts lists parts by their numbers, of which there are at most 1000 in an answer.
func (s *Storage) listParts(q *request) (*answer, error) {
	most, err := q.number("max-parts", 1, 1000)
	if err != nil {
		return nil, err
	}
	after, err := q.number("part-number-marker", 0, 0)
	if err != nil {
		return nil, err
	}
	type listed struct {
		PartNumber         int
		LastModified, ETag string
		Size               int64
	}
	list := struct {
		XMLName                                xml.Name `xml:"ListPartsResult"`
		Bucket, Key, UploadId                  string
		PartNumberMarker, NextPartNumberMarker int
		MaxParts                               int
		IsTruncated                            bool
		Part                                   []listed
	}{Bucket: q.grant.Bucket, Key: q.key, UploadId: q.query.Get("uploadId"), PartNumberMarker: after, MaxParts: min(most, 1000)}
	err = s.upload(q, func(p *parted) error {
		for n, part := range p.parts {
			if n > after {
				list.Part = append(list.Part, listed{n, isoTime(part.modified), part.etag(), part.size})
			}
		}
		return nil
	})
	slices.SortFunc(list.Part, func(a, b listed) int { return a.PartNumber - b.PartNumber })
	if list.IsTruncated = len(list.Part) > list.MaxParts; list.IsTruncated {
		list.Part = list.Part[:list.MaxParts]
	}
	if n := len(list.Part); n > 0 {
		list.NextPartNumberMarker = list.Part[n-1].PartNumber
	}
	return &answer{body: list}, err
}

// listUploads lists what was begun with this grant. That is always one answer.
func (s *Storage) listUploads(q *request) (*answer, error) {
	type listed struct{ Key, UploadId, Initiated string }
	list := struct {
		XMLName     xml.Name `xml:"ListMultipartUploadsResult"`
		Bucket      string
		Prefix      string
		MaxUploads  int
		IsTruncated bool
		Upload      []listed
	}{Bucket: q.grant.Bucket, MaxUploads: mostParted}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parted {
		if p.grant == q.grant && strings.HasPrefix(p.key, strings.TrimLeft(q.query.Get("prefix"), "/")) {
			list.Upload = append(list.Upload, listed{p.key, p.id, isoTime(p.began)})
		}
	}
	return &answer{body: list}, nil
}

func (s *Storage) abort(q *request) (*answer, error) {
	err := s.upload(q, func(p *parted) error {
		s.drop(p)
		return nil
	})
	return &answer{status: 204}, err
}

// complete makes an object of the parts that the body lists.
func (s *Storage) complete(q *request) (*answer, error) {
	var body bytes.Buffer
	if _, err := q.read(maxComplete, &body); err != nil {
		return nil, err
	}
	chosen, err := readComplete(body.Bytes())
	if err != nil {
		return nil, err
	}
	clock := s.Clock()
	var o object
	if err = s.upload(q, func(p *parted) (err error) {
		if o, err = p.join(chosen, clock); err == nil {
			q.grant.objects[q.key] = o
			s.drop(p)
		}
		return err
	}); err != nil {
		return nil, err
	}
	return &answer{object: o, body: struct {
		XMLName                     xml.Name `xml:"CompleteMultipartUploadResult"`
		Location, Bucket, Key, ETag string
	}{Location: "https://" + weburl.Host(q.Host) + "/" + q.key, Bucket: q.grant.Bucket, Key: q.key, ETag: o.etag}}, nil
}

// A chosenPart is a part as a CompleteMultipartUpload names it.
type chosenPart struct {
	PartNumber int
	ETag       string
}

func readComplete(body []byte) ([]chosenPart, error) {
	var asked struct {
		XMLName xml.Name     `xml:"CompleteMultipartUpload"`
		Part    []chosenPart `xml:"Part"`
	}
	if err := xml.Unmarshal(body, &asked); err != nil || len(asked.Part) == 0 || len(asked.Part) > maxParts {
		return nil, malformed
	}
	return asked.Part, nil
}

// join returns the object that parts become.
func (p *parted) join(chosen []chosenPart, now time.Time) (o object, err error) {
	sums := md5.New()
	for i, c := range chosen {
		part, there := p.parts[c.PartNumber]
		switch {
		case i > 0 && c.PartNumber <= chosen[i-1].PartNumber:
			return o, &refusal{400, "InvalidPartOrder", "the parts must be in the order of their numbers"}
		case !there || strings.Trim(c.ETag, `" `) != strings.Trim(part.etag(), `"`):
			return o, &refusal{400, "InvalidPart", "a part was not uploaded, or has another ETag"}
		case i < len(chosen)-1 && part.size < minPart:
			return o, &refusal{400, "EntityTooSmall", "every part but the last one must have 1 MB at least"}
		}
		sums.Write(part.md5[:])
		o.crc = combine(o.crc, part.crc, part.size)
		o.size += part.size
	}
	o.etag, o.modified = quoted(sums.Sum(nil), "-"+strconv.Itoa(len(chosen))), now
	return o, nil
}

// upload does something to the upload that a request names, while the lock is held.
func (s *Storage) upload(q *request, do func(*parted) error) error {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.holds(q.grant, now); err != nil {
		return err
	}
	for _, p := range s.parted {
		if p.grant == q.grant && p.key == q.key && p.id == q.query.Get("uploadId") {
			return do(p)
		}
	}
	return noSuchUpload
}

// drop forgets an upload. The lock must be held.
func (s *Storage) drop(p *parted) {
	s.parts -= len(p.parts)
	s.parted = slices.DeleteFunc(s.parted, func(other *parted) bool { return other == p })
}

// limit forgets the oldest uploads if there are too many. The lock must be held.
func (s *Storage) limit() {
	for len(s.parted) > s.most.parted || s.parts > s.most.parts {
		s.drop(s.parted[0])
	}
}

// number reads a number of the query.
func (q *request) number(name string, least, otherwise int) (int, error) {
	if !q.query.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(q.query.Get(name))
	if err != nil || n < least {
		return 0, invalid(name + " must be a number from " + strconv.Itoa(least))
	}
	return n, nil
}

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
