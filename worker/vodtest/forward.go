package vodtest

import "github.com/vodworker/vodworker/worker/vodtest/internal/forward"

// ForwardTo hands actions that the emulator does not carry out on to a stub of the user's own, once their signature was checked:
// the same request, but for what belongs to the signature (Authorization, X-TC-Token) and cookies. What the stub answers within
// 10 s, up to 10 MiB, is the answer: no fault, no quota and no [Config].RoundTrip meets these calls. Redirects are not followed.
// It returns an error if url is no http or https URL, or is one of VOD's own: what is meant for the emulator must not reach a
// real account.
func (e *Emulator) ForwardTo(url string) error {
	stub, err := forward.To(url)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stub = stub
	return nil
}

// forwardsTo returns the stub, nil if there is none.
func (e *Emulator) forwardsTo() *forward.Stub {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stub
}
