package letters

import "context"

// Lock holds the folder's lock, as another process does in the middle of a change.
func (d *Dir) Lock(ctx context.Context) (unlock func(), err error) { return d.lock(ctx) }
