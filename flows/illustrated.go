package flows

import "slices"

// illustrate puts a picture above the live screen that was drawn, in a private chat and where the text fits under it. A text and a picture
// cannot be edited into each other: the one that stood there goes, and the other is sent. The same picture keeps its place.
func (v *visit) illustrate(file string) {
	n := len(v.reply.Screens)
	if file == "" || n == 0 || !v.in.Private || units(v.reply.Screens[n-1].Text) > captionLimit {
		return
	}
	s := &v.reply.Screens[n-1]
	s.Picture, v.talk.Photo = Picture{File: file}, hash(file)
	switch {
	case v.replaced != 0 && v.photo == v.talk.Photo:
		s.Edit, v.live, v.talk.Past = v.replaced, v.replaced, v.past
		v.reply.Delete = slices.DeleteFunc(v.reply.Delete, func(m int) bool { return m == v.replaced })
	case s.Edit != 0 && !v.redraw:
		v.replace(s)
	}
}

// replace lets a screen take the place of a message that cannot become it.
func (v *visit) replace(s *Screen) {
	v.replaced, v.past = s.Edit, v.talk.Past
	v.live = s.Edit
	v.leave()
	v.reply.Delete, s.Edit = append(v.reply.Delete, s.Edit), 0
}
