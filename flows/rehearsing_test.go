package flows

import (
	"context"
	"time"

	"cardrop/flows/checkout"
)

// directRehearsing does what a stage direction about rehearsals says: rehearse plays the one that was asked for; all goes well but for the part
// that is named with why and, where these are compared, what was wanted and what came.
func (st *stage) directRehearsing(words []string) bool {
	st.t.Helper()
	if words[0] != "rehearse" {
		return false
	}
	ctx := st.t.Context()
	st.must(st.shop.Rehearse(ctx, func(_ context.Context, told func([]checkout.Scene)) error {
		var parts []checkout.Scene
		for _, name := range []string{"purchase", "partial", "refund", "lost", "timeout"} {
			p := checkout.Scene{Name: name, State: checkout.SceneWell, Took: 120 * time.Millisecond}
			if len(words) > 2 && words[1] == name {
				p.State, p.Why = checkout.SceneFailed, words[2]
			}
			if len(words) > 4 && words[1] == name {
				p.Want, p.Got = words[3], words[4]
			}
			parts = append(parts, p)
		}
		told(append(parts[:1:1], checkout.Scene{Name: "partial", State: checkout.SceneRuns}, checkout.Scene{Name: "refund", State: checkout.SceneWaits}))
		st.redraws()
		told(parts)
		return nil
	}))
	st.redraws()
	return true
}

// redraws draws the screens that follow something.
func (st *stage) redraws() {
	st.t.Helper()
	ids, err := st.desk.DueRedraws(st.t.Context(), 10)
	st.must(err)
	for _, id := range ids {
		reply, err := st.desk.Redraw(st.t.Context(), id)
		st.must(err)
		st.show(id.Chat, reply)
	}
}
