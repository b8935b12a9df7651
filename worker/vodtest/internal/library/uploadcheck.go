package library

import (
	"slices"
	"strings"
	"time"

	"github.com/vodworker/vodworker/worker/vodtest/internal/api"
	"github.com/vodworker/vodworker/worker/vodtest/internal/vendors"
)

// checkUpload refuses what VOD would, and notes what is to follow.
func (l *Library) checkUpload(u *upload, now time.Time) (err error) {
	asked := &u.asked
	if asked.Procedure != "" {
		if u.procedure, err = l.procedureNamed(asked.Procedure); err != nil {
			return err
		}
	}
	if asked.ExpireTime != "" {
		if u.expires, err = readExpiry(asked.ExpireTime, now); err != nil {
			return err
		}
	}
	switch {
	case !slices.Contains(mediaTypes, strings.ToLower(asked.MediaType)):
		return api.Refuse("InvalidParameterValue.MediaType", "MediaType is %.20q; VOD has %s", asked.MediaType,
			strings.Join(mediaTypes, ", "))
	case asked.CoverType != "" && !slices.Contains(imageExtensions, strings.ToLower(asked.CoverType)):
		return api.Refuse("InvalidParameterValue.CoverType", "CoverType is %.20q; VOD has %s", asked.CoverType,
			strings.Join(imageExtensions, ", "))
	case asked.StorageRegion != "" && !vendors.IsRegion(asked.StorageRegion):
		return api.Refuse("InvalidParameterValue", "StorageRegion is %.60q, which is no region with storage; leave it out",
			asked.StorageRegion)
	case asked.ClassId < 0:
		return api.Refuse("InvalidParameterValue", "ClassId must not be negative")
	case runes(asked.SourceContext) > 250:
		return api.Refuse("InvalidParameterValue", "SourceContext is longer than 250 characters")
	}
	if err := checkContext("", asked.SessionContext); err != nil {
		return err
	}
	return lacking("MediaStoragePath", asked.MediaStoragePath != "")
}
