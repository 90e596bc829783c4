package sandbox

import "slices"

// SetAvailable changes whether an internet card is sold; false when there is none.
func (s *Server) SetAvailable(kind string, value int64, available bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		if l.Type == kind && l.Value == value {
			l.Unavailable = !available
			return true
		}
	}
	return false
}

// checkID shows one top-up by its id.
func (s *Server) checkID(c call) answer {
	return s.findTopup(c, func(t *topup) bool { return t.id == c.PathValue("id") })
}

// checkRef shows one top-up by its ref: as it is kept, and unless the style is strict as it was given.
func (s *Server) checkRef(c call) answer {
	ref := c.PathValue("ref")
	return s.findTopup(c, func(t *topup) bool { return t.ref == ref || (!s.style.StrictRef && t.given == ref) })
}

func (s *Server) findTopup(c call, match func(*topup) bool) answer {
	for _, t := range s.topups {
		if t.env == c.key.Type && match(t) {
			return answer{data: s.showTopup(t)}
		}
	}
	return answer{problem: notFound()}
}

// showTopup is a top-up on the wire.
func (s *Server) showTopup(t *topup) object {
	status := t.status(s.o.Now())
	b := object{{"_id", t.id}, {"ref", t.ref}, {"status", status}, {"type", t.kind}, {"number", t.number}, {"topup_amount", t.value}}
	if status == "FULFILLED" {
		if !t.codeless {
			b = append(b, property{"card_code", t.code})
		}
		b = append(b, property{"num_trans", t.trans}, property{"date_traitement", stamp(t.done)})
	}
	return append(b, property{"created_at", stamp(t.time)})
}

// listTopups shows the top-ups of a window, newest first.
func (s *Server) listTopups(c call) answer {
	q, no := readQuery(c.Request)
	if no != nil {
		return answer{problem: no}
	}
	items := []any{}
	for _, t := range slices.Backward(s.topups) {
		if t.env == c.key.Type && q.has(t.time) {
			items = append(items, s.showTopup(t))
		}
	}
	key := "items"
	if s.style.Topups {
		key = "topups"
	}
	return paged(q, key, items)
}
