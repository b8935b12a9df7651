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

func (c *Config) validateApplications() {
	ids := c.Applications()
	for i, id := range ids {
		key := fmt.Sprintf("vod.sub_app_ids[%d]", i)
		if slices.Contains(ids[:i], id) {
			c.bad(key, "the list has it twice; keep one")
			continue
		}
		if len(c.Handlers) > 0 && !c.Handles(id) {
			c.bad(key, "no handler is for application %d, so its events would be confirmed unseen; add one, or take the application out",
				id)
		}
	}
	for i, h := range c.Handlers {
		for j, id := range h.SubAppIDs {
			if !slices.Contains(ids, id) && id != c.Callback.SubAppID {
				c.bad(fmt.Sprintf("handlers[%d].sub_app_ids[%d]", i, j), "neither vod.sub_app_ids nor callback.sub_app_id names this "+
					"application, so no event of it comes; add it to vod.sub_app_ids")
			}
		}
	}
}
