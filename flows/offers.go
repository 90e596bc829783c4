package flows

import (
	"time"

	"cardrop/store"
)

// offerUsed is the offer after its Show was used: until when the codes stay or, once they are off the screen, when they were removed.
// It holds no code, and can be pressed again while showings are left.
func offerUsed(s speech, o store.Order, edit int, now time.Time) Screen {
	v, r := &visit{speech: s}, o.Reveal
	if away, _ := s.handed(o, now); away != "" {
		text := s.say("offer.shown", "Order", orderName(o.ID))
		return Screen{Edit: edit, Text: text + "\n\n" + away, Marks: []Mark{{Kind: "bold", Length: units(text)}}, Language: s.language}
	}
	title, body := "offer.opened", s.say("offer.gone")
	switch on := r.State == store.Showing || r.State == store.Shown; {
	case on && r.Until.After(now):
		body = s.say("offer.until", "Until", s.until(r.Until, now))
	case !on && !r.Gone.IsZero():
		title, body = "offer.shown", s.count("offer.removed", o.Delivered, "Time", s.until(r.Gone, now))
	}
	if r.State == store.Removed {
		body = lines(body, s.say("fail.SHOWINGS_USED_UP"), s.say("next.SHOWINGS_USED_UP"), s.support())
	}
	text := s.say(title, "Order", orderName(o.ID))
	screen := Screen{Edit: edit, Text: text + "\n\n" + body, Marks: []Mark{{Kind: "bold", Length: units(text)}}, Language: s.language}
	if r.State != store.Removed && r.State != store.Shredded {
		screen.Rows = kept([]Button{v.button("button.showagain", "again:"+o.ID), v.button("button.file", "file:"+o.ID)})
	}
	return screen
}

// offerNews is what becomes of the offer without anybody pressing it: the codes went off the screen, or stay longer. The first showing
// needs none, for whoever pressed Show has the answer to that.
func offerNews(s speech, o store.Order, now time.Time) (Screen, bool) {
	r := o.Reveal
	shown := r.State == store.Shown && r.Until.After(now) && (r.Extended || r.Shown > 1)
	if o.Offer == 0 || r.First.IsZero() || !shown && r.State != store.Sealed && r.State != store.Removed {
		return Screen{}, false
	}
	screen := offerUsed(s, o, o.Offer, now)
	screen.Chat, screen.Keep, screen.Only = o.Chat, true, true
	return screen, true
}
