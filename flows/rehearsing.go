package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
)

// rehearsalVerbs are the buttons of rehearsals.
func rehearsalVerbs() map[string]verb {
	return map[string]verb{
		"rehearsal": {act: (*Desk).showRehearsal, view: true, admin: true},
		"rehearse":  {act: func(d *Desk, ctx context.Context, v *visit, _ []string) error { return d.rehearse(ctx, v) }, admin: true},
	}
}

// rehearsalCommands is the command of rehearsals.
func rehearsalCommands() map[string]command {
	return map[string]command{"rehearse": {act: (*Desk).rehearse, admin: true}}
}

// rehearse asks for a rehearsal and shows it; while one is under way it only shows that.
func (d *Desk) rehearse(ctx context.Context, v *visit) error {
	v.accept()
	if err := d.shop.AskRehearsal(ctx, v.in.User); err != nil && !errors.Is(err, checkout.ErrRehearsing) {
		return err
	}
	return d.open(ctx, v, "rehearsal")
}

// showRehearsal draws how the latest rehearsal stands, a line for each part.
func (d *Desk) showRehearsal(ctx context.Context, v *visit, _ []string) error {
	r, err := d.shop.Rehearsal(ctx)
	if err != nil {
		return err
	}
	if r.ID == 0 {
		v.menu(v.say("rehearse.title"), v.say("rehearse.what"), []Button{v.primary("rehearse.go", "rehearse")}, v.back("admin"))
		return nil
	}
	title, again := v.say("rehearse.running"), []Button{v.button("button.refresh", "rehearsal")}
	if r.Done {
		title, again = v.say("rehearse.failed"), []Button{v.button("rehearse.again", "rehearse")}
		if r.Well() {
			title = v.say("rehearse.well")
		}
	}
	list := []string{v.say("rehearse.what"), ""}
	for _, p := range r.Parts {
		list = append(list, v.part(p))
	}
	if len(r.Parts) == 0 && !r.Done {
		list = append(list, v.say("rehearse.queued"))
	}
	if r.Done {
		list = append(list, "", v.say("rehearse.ended", "Time", v.moment(r.Ended)))
	}
	v.menu(title, strings.Join(list, "\n"), again, v.back("admin"))
	return nil
}

// part is one line of a rehearsal.
func (v *visit) part(p checkout.Scene) string {
	what := v.say("rehearse.part." + p.Name)
	switch p.State {
	case checkout.SceneWaits:
		return v.say("rehearse.line", "Sign", "▫️", "What", what)
	case checkout.SceneRuns:
		return v.say("rehearse.line", "Sign", "⏳", "What", what)
	}
	took := strconv.FormatFloat(p.Took.Seconds(), 'f', 1, 64)
	if p.State == checkout.SceneWell {
		return v.say("rehearse.took", "Sign", "✅", "What", what, "N", took)
	}
	return lines(v.say("rehearse.took", "Sign", "❌", "What", what, "N", took),
		"→ "+v.say("rehearse.why."+p.Why, "Want", p.Want, "Got", p.Got))
}

// rehearsalChecks is the line of the checklist about the latest rehearsal.
func (d *Desk) rehearsalChecks(ctx context.Context, v *visit) ([]check, error) {
	r, err := d.shop.Rehearsal(ctx)
	switch {
	case err != nil:
		return nil, err
	case r.ID == 0:
		return []check{{checkMind, "rehearsal.none", nil}}, nil
	case !r.Done:
		return []check{{checkMind, "rehearsal.running", nil}}, nil
	case r.Well():
		return []check{{checkWell, "rehearsal", []any{"Time", v.moment(r.Ended)}}}, nil
	}
	return []check{{checkMind, "rehearsal.failed", []any{"Time", v.moment(r.Ended)}}}, nil
}
