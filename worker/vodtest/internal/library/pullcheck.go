package library

import (
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/weburl"
)

// checkPull refuses what VOD would, and notes what the file will be called and what is to follow.
func (l *Library) checkPull(p *pull, now time.Time) error {
	asked := &p.asked
	if err := lacking("MediaStoragePath", asked.MediaStoragePath != ""); err != nil {
		return err
	}
	file, err := webURL(asked.MediaUrl)
	if err != nil {
		return api.Refuse("InvalidParameterValue.MediaUrl", "MediaUrl %v", err)
	}
	if p.name, err = pulledName(file, asked.MediaType, asked.MediaName); err != nil {
		return err
	}
	if asked.CoverUrl != "" {
		picture, err := webURL(asked.CoverUrl)
		if err != nil {
			return api.Refuse("InvalidParameterValue.CoverUrl", "CoverUrl %v", err)
		}
		extension := strings.TrimPrefix(path.Ext(picture.Path), ".")
		if !slices.Contains(coverTypes, strings.ToLower(extension)) {
			return api.Refuse("FailedOperation.CoverType", "CoverUrl must end in %s", strings.Join(coverTypes, ", "))
		}
	}
	if asked.Procedure != "" {
		if p.procedure, err = l.procedureNamed(asked.Procedure); err != nil {
			return err
		}
	}
	if asked.ExpireTime != "" {
		if p.expires, err = readExpiry(asked.ExpireTime, now); err != nil {
			return err
		}
	}
	switch {
	case asked.ClassId < 0:
		return api.Refuse("InvalidParameterValue", "ClassId must not be negative")
	case runes(asked.SourceContext) > 250:
		return api.Refuse("InvalidParameterValue", "SourceContext is longer than 250 characters")
	}
	o := options{priority: asked.TasksPriority, sessionContext: asked.SessionContext, sessionID: asked.SessionId}
	return o.check()
}

// webURL reads a URL that VOD could fetch.
func webURL(text string) (*url.URL, error) {
	u, ok := weburl.Parse(text)
	if !ok || u.Hostname() == "" {
		return nil, errors.New("must be an http or https URL with a host")
	}
	return u, nil
}

// fetchedName returns the name of a file of which there is nothing but a URL, which may be anything. It is an mp4 if that ends in
// nothing that VOD takes.
func fetchedName(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		u = &url.URL{}
	}
	name, err := pulledName(u, "", "")
	if err != nil {
		name, _ = pulledName(u, "mp4", "")
	}
	return name
}

// pulledName returns the name of a file with its extension. What is not asked for comes from its URL.
func pulledName(u *url.URL, mediaType, mediaName string) (string, error) {
	extension := path.Ext(u.Path)
	if mediaType == "" {
		mediaType = strings.TrimPrefix(extension, ".")
	}
	if !slices.Contains(mediaTypes, strings.ToLower(mediaType)) {
		return "", api.Refuse("FailedOperation.MediaType",
			"the media type is %.20q, from MediaType or else from the end of MediaUrl; VOD has %s",
			mediaType, strings.Join(mediaTypes, ", "))
	}
	if mediaName == "" {
		mediaName = strings.TrimSuffix(path.Base(u.Path), extension)
		if strings.Trim(mediaName, "./") == "" { // there is no path
			mediaName = u.Hostname()
		}
	}
	return mediaName + "." + mediaType, nil
}
