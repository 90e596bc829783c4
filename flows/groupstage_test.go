package flows

import (
	"slices"
	"strconv"
	"strings"

	"cardrop/flows/checkout"
)

// scene is where a person talks; the zero value is their private chat.
type scene struct {
	group  int64
	thread int
	veiled bool // as the group
}

// veiledUser is the id under which the anonymous admins of all groups write.
const veiledUser = 1087968824

// of is an input as it comes from there. A press never comes from the group itself: its user is real.
func (s scene) of(in Input) Input {
	if s.group == 0 {
		return in
	}
	in.Chat, in.Private, in.Thread = s.group, false, s.thread
	if s.veiled && in.Button == "" {
		in.User, in.Veiled, in.Name, in.Language = veiledUser, true, "Group", ""
	}
	return in
}

// at is the chat a person sees there.
func (s scene) at(user int64) int64 {
	if s.group != 0 {
		return s.group
	}
	return user
}

// answered tells whether data is on a button that somebody may press: in private, or in a group by its owner.
func (st *stage) answered(data string) error {
	if strings.HasPrefix(data, veilMark) {
		return nil
	}
	if _, rest, ok := strings.Cut(data, ownerMark); ok {
		_, _, err := parse(rest, st.desk.shared)
		return err
	}
	_, _, err := parse(data, st.desk.verbs)
	return err
}

// directGroup does what a stage direction about groups says; false for any other.
func (st *stage) directGroup(words []string) bool {
	st.t.Helper()
	number := func(i int) int64 {
		n, err := strconv.ParseInt(words[i], 10, 64)
		st.must(err)
		return n
	}
	switch words[0] {
	case "group": // id [topic]: where everybody talks from now on
		st.scene = scene{group: number(1)}
		if len(words) > 2 {
			st.scene.thread = int(number(2))
		}
	case "private": // each in their own chat
		st.scene = scene{}
	case "veil": // an admin of the group writes as the group
		st.scene.veiled = true
	case "unveil":
		st.scene.veiled = false
	case "shut": // the person blocks the bot
		st.change(Input{Chat: st.user.id, User: st.user.id, Private: true, Change: ChatShut})
	case "moved": // the group became a supergroup
		st.change(Input{Chat: number(1), To: number(2), Change: ChatMoved})
	case "open": // the person follows the newest deep link of the group
		st.open()
	case "wallet": // what is in a wallet
		b, err := st.shop.BalanceOn(st.t.Context(), words[1])
		st.must(err)
		st.print("%s", st.words.in("en").money(b))
	case "denied": // how many acts of the person are on record as not allowed
		st.print("%d", st.denied(st.user.id))
	default:
		return false
	}
	return true
}

func (st *stage) change(in Input) {
	st.t.Helper()
	st.update++
	in.Update = st.update
	_, err := st.desk.Handle(st.t.Context(), in)
	st.must(err)
	st.must(st.shop.Notarize(st.t.Context()))
}

// open follows the newest deep link of the group into the private chat.
func (st *stage) open() {
	st.t.Helper()
	c := st.chat(st.scene.group)
	for _, id := range slices.Backward(c.order) {
		if c.messages[id] == nil {
			continue
		}
		for _, b := range slices.Concat(c.messages[id].rows...) {
			if b.Start != "" {
				former := st.scene
				st.scene = scene{}
				st.do(Input{Command: "start", Text: b.Start})
				st.scene = former
				return
			}
		}
	}
	st.t.Fatalf("no deep link\n%s", st.said)
}

// denied counts the acts of a user that are on record as not allowed.
func (st *stage) denied(user int64) int {
	st.t.Helper()
	n := 0
	q := checkout.AuditQuery{User: user, Size: 50}
	for {
		p, err := st.shop.Audit(st.t.Context(), admin, q)
		st.must(err)
		for _, e := range p.Events {
			if e.Kind == checkout.EventDenied {
				n++
			}
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			return n
		}
	}
}
