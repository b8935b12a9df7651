package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// health is what an emulator answers that serves.
type health struct{ Status string }

func (control) health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, health{"ok"})
}

// Health returns nil if an emulator serves at the URL. To wait for one, call it again while it does not; give ctx a timeout that
// is shorter than a call's.
func (c *Client) Health(ctx context.Context) error {
	_, err := c.call(ctx, http.MethodGet, "health", nil, func(answer []byte) error {
		var h health
		if err := json.Unmarshal(answer, &h); err != nil {
			return err
		}
		if h.Status != "ok" {
			return errors.New("this is no health of an emulator")
		}
		return nil
	})
	return err
}
