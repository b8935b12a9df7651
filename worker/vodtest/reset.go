package vodtest

// Reset makes an emulator as good as new, so that one can serve many tests, one after the other: queues, files, uploads,
// counts and histories are empty, settings are those of a new application, no call and no result fails, and calls are counted
// from 1 again. Callbacks that are out are broken off. The time is the real one again, after [Emulator.Advance]: one that is
// under way fails.
//
// What was set up for all tests stays: keys, the quota, [Config].Skew, the task flow templates of [Emulator.SetProcedure], and
// the stub of [Emulator.ForwardTo]. Temporary keys end when they were to: one that has ended only by Advance is good again.
// Calls that wait go on: a held poll gets what comes after the reset. Handles from before are unknown, and no FileId, TaskId or
// handle comes twice.
func (e *Emulator) Reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.choose, e.script, e.rules.Failures = nil, nil, nil
	e.storage.Reset()
	if e.time.Ahead() > 0 {
		clear(e.meters) // whose seconds are yet to come
	}
	e.time.Reset()
	e.calls = ring[pastCall]{size: keptCalls}
	for id, a := range e.apps {
		a.outbox.breakOff()
		parked, alarm, tasks := a.parked, a.alarm, a.tasks
		*a = *e.newApp(id)
		a.parked, a.alarm, a.tasks = parked, alarm, tasks
		e.setAlarm(a)
		e.wakeForTasks(a)
		if len(parked) == 0 {
			a.outbox.breakOff() // or the emulator would keep its context
			delete(e.apps, id)
		}
	}
}
