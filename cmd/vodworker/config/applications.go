package config

import (
	"fmt"
	"slices"
)

// Applications returns the SubAppIds whose queues are consumed; 0 is the default application.
func (c *Config) Applications() []uint64 {
	if len(c.VOD.SubAppIDs) == 0 {
		return []uint64{0}
	}
	return c.VOD.SubAppIDs
}

// Handles reports whether any handler is for an application.
func (c *Config) Handles(subAppID uint64) bool {
	return slices.ContainsFunc(c.Handlers, func(h Handler) bool {
		return len(h.SubAppIDs) == 0 || slices.Contains(h.SubAppIDs, subAppID)
	})
}

func (c *Config) validateApplications() error {
	ids := c.Applications()
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return fmt.Errorf("vod.sub_app_ids names %d twice", id)
		}
		if len(c.Handlers) > 0 && !c.Handles(id) {
			return fmt.Errorf("no handler is for application %d: its events would be confirmed unseen; "+
				"add one, or take %d out of vod.sub_app_ids", id, id)
		}
	}
	for i, h := range c.Handlers {
		for _, id := range h.SubAppIDs {
			if !slices.Contains(ids, id) && id != c.Callback.SubAppID {
				return fmt.Errorf("handler %d (%q) is for application %d, which neither vod.sub_app_ids nor callback.sub_app_id names",
					i+1, h.Name, id)
			}
		}
	}
	return nil
}
