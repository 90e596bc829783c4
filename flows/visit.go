package flows

import (
	"strings"
	"time"
	"unicode/utf16"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// visit is one turn: what came in, where the talk stands, and the reply as it grows.
type visit struct {
	in      Input
	talk    Talk
	live    int             // the live menu message; 0 when there is none
	version int64           // of the talk as it was loaded
	chosen  string          // language chosen by /language; empty when never chosen
	role    Role            // among those who run the shop
	rights  map[string]bool // what that role may do
	redraw  bool            // drawing again: no effect is allowed
	fresh   bool            // the pressed message is kept: the answer goes into a new one
	group   *store.Group    // the linked group that is talked in; nil in a private chat
	table   map[string]verb // the buttons that may be pressed here
	open    bool            // in a group: the member's private chat can be written to
	now     time.Time
	reply   Reply

	muted    bool           // wants no announcements
	hours    checkout.Hours // when somebody looks at receipts
	customer int64          // the person's number; 0 where it is not known, as in groups
	photo    string         // the picture that the live menu had, as in Talk.Photo
	replaced int            // a message whose place a new one takes, as it cannot become that
	past     int            // Talk.Past before
	speech
}

// use changes the language of the rest of the turn.
func (v *visit) use(s speech) { v.speech = s }

// accept tells the presser that the press was understood.
func (v *visit) accept() {
	if v.in.Accept != nil {
		v.in.Accept()
	}
}

// menu draws the live screen: a bold title, a body and buttons. It edits the menu that was pressed; after a typed text it
// is sent anew below it and the former menu is removed.
func (v *visit) menu(title, body string, rows ...[]Button) {
	text := title
	if body != "" {
		text += "\n\n" + body
	}
	s := Screen{Thread: v.in.Thread, Text: clip(text, textLimit), Rows: v.mine(v.permitted(rows)), Language: v.language}
	s.Marks = []Mark{{Kind: "bold", Length: units(title)}}
	old := v.live
	switch {
	case v.redraw:
		s.Edit = v.live
	case v.in.Whisper != 0: // what stands there openly stays as it is
		s.Whisper, s.Edit = v.in.Whisper, v.live
	case v.in.Button != "" && !v.fresh:
		s.Edit = v.in.Message
		v.live = v.in.Message
	default:
		v.leave()
	}
	if old != 0 && old != s.Edit && !v.redraw {
		v.reply.Delete = append(v.reply.Delete, old)
	}
	if v.photo = v.talk.Photo; v.photo != "" && s.Edit != 0 && !v.redraw {
		v.replace(&s)
	}
	v.talk.Photo = ""
	v.reply.Screens = append(v.reply.Screens, s)
}

// remark puts a line above the menu that was drawn: why it is here.
func (v *visit) remark(text string) {
	if n := len(v.reply.Screens); n > 0 {
		s := &v.reply.Screens[n-1]
		s.remark(text)
		if s.Openly != nil {
			s.Openly.remark(text)
		}
	}
}

func (s *Screen) remark(text string) {
	text += "\n\n"
	s.Text = clip(text+s.Text, textLimit)
	for i := range s.Marks {
		s.Marks[i].Offset += units(text)
	}
}

// done says that something was done: a toast for a press, a line above the menu for a typed command.
func (v *visit) done(text string) {
	if v.in.Button != "" {
		v.reply.Alert = text
		return
	}
	v.remark(text)
}

// leave ends the live menu: its message is removed, or stays as something that is kept.
func (v *visit) leave() {
	if v.live != 0 {
		v.talk.Past, v.live = v.live, 0
	}
}

// keep draws a message that stays, such as an order's timeline.
func (v *visit) keep(s Screen) {
	s.Keep, s.Thread, s.Language = true, v.in.Thread, v.language
	v.reply.Screens = append(v.reply.Screens, s)
}

// button makes a key whose label is a word of the shop.
func (v *visit) button(key, data string, args ...any) Button {
	return Button{Text: v.say(key, args...), Data: data}
}

// back is the last row of a screen: one step back, and home.
func (v *visit) back(data string) []Button {
	return []Button{v.button("button.back", data), v.button("button.home", "menu")}
}

// typing is the last row of a screen where something is typed.
func (v *visit) typing(data string) []Button {
	return []Button{v.button("button.back", data), v.button("button.cancel", "cancel")}
}

// home is the last row of a screen one step from the menu.
func (v *visit) home() []Button { return []Button{v.button("button.home", "menu")} }

// kept marks the buttons of a message that stays: what they open goes into a new message.
func kept(rows ...[]Button) [][]Button {
	for _, row := range rows {
		for i := range row {
			if row[i].Data != "" {
				row[i].Data = "+" + row[i].Data
			}
		}
	}
	return filled(rows)
}

// textLimit is the Bot API's limit of a text, in UTF-16 code units; alertLimit that of a callback answer.
const (
	textLimit  = 4096
	alertLimit = 200
)

// filled leaves out rows without buttons.
func filled(rows [][]Button) [][]Button {
	var out [][]Button
	for _, row := range rows {
		if len(row) > 0 {
			out = append(out, row)
		}
	}
	return out
}

// columns arranges buttons in rows of n.
func columns(n int, buttons []Button) [][]Button {
	var rows [][]Button
	for len(buttons) > n {
		rows, buttons = append(rows, buttons[:n:n]), buttons[n:]
	}
	return append(rows, buttons)
}

// units is the length of a text in UTF-16 code units, as the Bot API counts.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// clip shortens a text to n UTF-16 code units. Pieces that are set apart and cut off end behind the dots.
func clip(s string, n int) string {
	if units(s) <= n {
		return s
	}
	used, open, end, ends := 0, 0, 0, 0
	for at, r := range s {
		if used+1+open <= n {
			end, ends = at, open
		}
		if used >= n {
			break
		}
		used, open = used+utf16.RuneLen(r), max(0, open+nesting(r))
	}
	return s[:end] + "…" + strings.Repeat(isolateEnd, ends)
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// lines joins the texts that are not empty, one a line.
func lines(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, "\n")
}

// pager is the row that turns pages; make gives the data of a page.
func (v *visit) pager(page int, more bool, data func(page int) string) []Button {
	var row []Button
	if page > 0 {
		row = append(row, v.button("button.earlier", data(page-1)))
	}
	if more {
		row = append(row, v.button("button.later", data(page+1)))
	}
	return row
}

// cut is one page of a list, and whether more follow; a page beyond the end is the last one.
func cut[T any](all []T, page, size int) (part []T, at int, more bool) {
	last := max(0, (len(all)-1)/size)
	at = min(max(page, 0), last)
	from := at * size
	to := min(from+size, len(all))
	return all[from:to], at, to < len(all)
}
