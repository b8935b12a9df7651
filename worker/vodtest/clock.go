package vodtest

import "time"

// SetSkew steps the emulator's clock: see [Config].Skew.
func (e *Emulator) SetSkew(ahead time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.skew = ahead
}

// clock is what the emulator's clock says.
func (e *Emulator) clock() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return time.Now().Add(e.skew)
}

// window is how long the emulator's window lasts for everybody else.
func (e *Emulator) window() time.Duration {
	return e.cfg.Window - time.Duration(e.cfg.Drift*float64(e.cfg.Window))
}
