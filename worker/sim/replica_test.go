package sim_test

import "time"

// supervise keeps a replica alive, one process after the other, until the end.
func (w *world) supervise(replica int) {
	for number := 0; ; number++ {
		l, ended := w.beginLife(replica, number)
		w.setCurrent(replica, l)
		lives, kills := w.plan.lifetime(replica, number)
		var timer <-chan time.Time
		if lives > 0 && w.now()+lives < w.plan.chaos {
			timer = time.After(lives)
		}
		select {
		case <-timer:
			w.setCurrent(replica, nil)
			if kills {
				l.kill()
				w.ghosts.Go(func() { <-ended })
			} else {
				l.stop()
				<-ended
			}
		case <-ended: // it was refused at its first call
			w.setCurrent(replica, nil)
		case <-w.finish:
			w.setCurrent(replica, nil)
			l.stop()
			<-ended
			return
		}
		pause := time.After(w.plan.dice.of("pause", replica, number).between(0, 20*time.Second))
		select {
		case <-pause:
		case <-w.finish:
			return
		}
	}
}
