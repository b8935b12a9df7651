package storage

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"hash/crc64"
	"io"
	"strings"
)

// A content is what is known of a body that was read.
type content struct {
	size int64
	md5  [md5.Size]byte
	crc  uint64
}

func (c content) etag() string { return quoted(c.md5[:], "") }

func quoted(sum []byte, more string) string { return `"` + hex.EncodeToString(sum) + more + `"` }

var polynomial = crc64.MakeTable(crc64.ECMA)

// read reads a body of at most so many bytes, and checks its MD5 if that was sent along. What was cut off is refused.
func (q *request) read(most int64, into io.Writer) (c content, err error) {
	tooLarge := &refusal{400, "EntityTooLarge", "the body is larger than 5 GB, or than such a body may be"}
	if q.ContentLength > most {
		return c, tooLarge
	}
	if strings.Contains(strings.ToLower(q.Header.Get("Content-Encoding")), "aws-chunked") {
		return c, &refusal{501, "NotImplemented", "a body in signed chunks, aws-chunked, is not supported"}
	}
	sum, crc := md5.New(), crc64.New(polynomial)
	c.size, err = io.Copy(io.MultiWriter(sum, crc, into), io.LimitReader(q.Body, most+1))
	switch {
	case err != nil || q.ContentLength >= 0 && c.size < q.ContentLength:
		return c, &refusal{400, "IncompleteBody", "the body was cut off"}
	case c.size > most:
		return c, tooLarge
	}
	sum.Sum(c.md5[:0])
	c.crc = crc.Sum64()
	if sent := q.Header.Get("Content-Md5"); sent != "" {
		want, err := base64.StdEncoding.DecodeString(sent)
		if err != nil || len(want) != md5.Size {
			return c, &refusal{400, "InvalidDigest", "Content-MD5 must be an MD5 in Base64"}
		}
		if string(want) != string(c.md5[:]) {
			return c, &refusal{400, "BadDigest", "the body has another MD5 than Content-MD5 says"}
		}
	}
	return c, nil
}

func (s *Storage) putObject(q *request) (*answer, error) {
	if q.Header.Get("X-Cos-Copy-Source") != "" {
		return nil, &refusal{501, "NotImplemented", "there is nothing to copy here: no content is kept"}
	}
	c, err := q.read(s.most.put, io.Discard)
	if err != nil {
		return nil, err
	}
	o := object{c.size, c.etag(), c.crc, s.Clock()}
	if err := s.keep(q.grant, q.key, o); err != nil {
		return nil, err
	}
	return &answer{object: o}, nil
}

// find returns the object that a request is about.
func (s *Storage) find(q *request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, there := q.grant.objects[q.key]
	if !there {
		return o, noSuchKey
	}
	return o, nil
}

func (s *Storage) headObject(q *request) (*answer, error) {
	o, err := s.find(q)
	return &answer{object: o, isHead: true}, err
}

// getObject has nothing to return: an upload is counted, and not kept.
func (s *Storage) getObject(q *request) (*answer, error) {
	if _, err := s.find(q); err != nil {
		return nil, err
	}
	return nil, &refusal{501, "NotImplemented", "this emulator keeps no content: HEAD tells size and sums of what was uploaded"}
}
