package flows

import (
	"context"
	"errors"
	"maps"
	"strings"
)

// dataLimit is the Bot API's limit of callback data, in bytes.
const dataLimit = 64

// errPress is callback data that no button of this shop carries.
var errPress = errors.New("unknown button")

// press is callback data taken apart. It is only a lookup key: what it names is authorized by the presser's id and by state.
type press struct {
	verb  string
	args  []string
	fresh bool // from a message that is kept
}

// arg is the shape of one part of callback data.
type arg func(string) bool

// verb is one kind of button.
type verb struct {
	args  []arg
	act   func(*Desk, context.Context, *visit, []string) error
	view  bool // draws only: it may be repeated, and a talk may stand there
	admin bool // the staff's: it exists for those to whom rights gives it
}

// parse takes callback data apart: "verb:arg:arg", with a leading + from kept messages. Anything else is errPress.
func parse(data string, table map[string]verb) (press, verb, error) {
	if data == "" || len(data) > dataLimit {
		return press{}, verb{}, errPress
	}
	rest, fresh := strings.CutPrefix(data, "+")
	parts := strings.Split(rest, ":")
	v, ok := table[parts[0]]
	if !ok || len(parts)-1 != len(v.args) {
		return press{}, verb{}, errPress
	}
	for i, shape := range v.args {
		if !shape(parts[i+1]) {
			return press{}, verb{}, errPress
		}
	}
	return press{verb: parts[0], args: parts[1:], fresh: fresh}, v, nil
}

// press runs a button. What is unknown, and what is not for this person, gets the same words and a fresh menu.
func (d *Desk) press(ctx context.Context, v *visit, data string) error {
	p, verb, err := parse(data, v.table)
	if err != nil || !v.presses(p, verb) {
		return d.stale(ctx, v)
	}
	v.fresh = p.fresh
	if verb.view {
		return d.open(ctx, v, strings.TrimPrefix(data, "+"))
	}
	return verb.act(d, ctx, v, p.args)
}

// open draws a view and lets the talk stand there.
func (d *Desk) open(ctx context.Context, v *visit, data string) error {
	p, verb, err := parse(data, v.table)
	if err != nil || !verb.view || !v.presses(p, verb) {
		data, p, verb = "menu", press{verb: "menu"}, v.table["menu"]
	}
	v.talk.Screen, v.talk.Room = data, ""
	return verb.act(d, ctx, v, p.args)
}

// stale answers a button that means nothing any more. In a group it draws nothing: there it would be in everybody's way.
func (d *Desk) stale(ctx context.Context, v *visit) error {
	if !v.in.Private {
		v.reply.Alert, v.reply.Modal = v.say("group.stale"), true
		return nil
	}
	v.reply.Alert, v.reply.Modal = v.say("stale"), true
	v.fresh = true // whatever the button sits on stays as it is
	return d.open(ctx, v, "menu")
}

// verbs lists every button of the shop.
func verbs() map[string]verb {
	return joined(favoriteVerbs(), watchVerbs(), pricingVerbs(), banVerbs(), debtVerbs(), closureVerbs(), topupVerbs(), starVerbs(), auditVerbs(), reconcileVerbs(), staffVerbs(), approvalVerbs(), reissueVerbs(), checklistVerbs(), goodsVerbs(), castVerbs(), ticketVerbs(), moveVerbs(), rehearsalVerbs(), linkVerbs(), map[string]verb{
		"menu":   {act: (*Desk).showMenu, view: true},
		"help":   {act: (*Desk).showHelp, view: true},
		"cancel": {act: (*Desk).cancel},

		"cats":   {args: []arg{isPage}, act: (*Desk).showCategories, view: true},
		"cat":    {args: []arg{isHash, isPage}, act: (*Desk).showCategory, view: true},
		"areas":  {args: []arg{isPage}, act: (*Desk).showRegions, view: true},
		"area":   {args: []arg{isHash, isPage}, act: (*Desk).showRegion, view: true},
		"search": {act: (*Desk).askSearch, view: true},
		"find":   {args: []arg{isPage}, act: (*Desk).showFound, view: true},
		"fam":    {args: []arg{isCode, isPage}, act: (*Desk).showFamily, view: true},

		"line":    {args: []arg{isCode}, act: (*Desk).chooseLine},
		"ask":     {args: []arg{isCode}, act: (*Desk).askAccount, view: true},
		"qty":     {args: []arg{isCode, isCount}, act: (*Desk).askQuantity, view: true},
		"take":    {args: []arg{isCode, isCount}, act: (*Desk).take},
		"confirm": {act: (*Desk).showConfirm, view: true},
		"buy":     {args: []arg{isOrder}, act: (*Desk).buy},

		"tl":     {args: []arg{isOrder}, act: (*Desk).showTimeline, view: true},
		"orders": {args: []arg{isPage}, act: (*Desk).showOrders, view: true},
		"order":  {args: []arg{isOrder}, act: (*Desk).showOrder, view: true},
		"wallet": {act: (*Desk).showWallet, view: true},
		"lang":   {act: (*Desk).showLanguages, view: true},
		"speak":  {args: []arg{isTag}, act: (*Desk).speak},

		"s":     {args: []arg{isOrder, isToken}, act: (*Desk).reveal},
		"again": {args: []arg{isOrder}, act: (*Desk).again},
		"file":  {args: []arg{isOrder}, act: (*Desk).file},
		"saved": {args: []arg{isOrder}, act: (*Desk).saved},
		"more":  {args: []arg{isOrder}, act: (*Desk).more},

		"admin":     {act: (*Desk).showAdmin, view: true, admin: true},
		"credit":    {args: []arg{isRef}, act: (*Desk).credit, admin: true},
		"crediting": {act: (*Desk).showCredit, view: true, admin: true},
		"suppliers": {act: (*Desk).showSuppliers, view: true, admin: true},
		"resume":    {args: []arg{isSupplier}, act: (*Desk).resume, admin: true},
		"stuck":     {act: (*Desk).showStuck, view: true, admin: true},
		"any":       {args: []arg{isOrder}, act: (*Desk).showAny, view: true, admin: true},
		"retry":     {args: []arg{isOrder}, act: (*Desk).retry, admin: true},
		"decide":    {args: []arg{isOrder, isPage, isAct}, act: (*Desk).decideOn, admin: true},
		"deciding":  {act: (*Desk).showDecision, view: true, admin: true},
		"decided":   {args: []arg{isRef}, act: (*Desk).decided, admin: true},
	})
}

// joined puts the buttons or commands of several rooms into one table; a name stands in one of them only.
func joined[T any](rooms ...map[string]T) map[string]T {
	all := map[string]T{}
	for _, room := range rooms {
		maps.Copy(all, room)
	}
	return all
}

func made(s string, from, to int, alphabet string) bool {
	return len(s) >= from && len(s) <= to && strings.Trim(s, alphabet) == ""
}

// The alphabets of what callback data may name.
const (
	digits      = "0123456789"
	lowers      = "abcdefghijklmnopqrstuvwxyz"
	uppers      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	orderLetter = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ" // nothing that is misread when read aloud
)

func isCode(s string) bool  { return made(s, 1, 16, uppers+digits+"-") }
func isOrder(s string) bool { return made(s, 8, 8, orderLetter) }
func isToken(s string) bool { return made(s, 43, 43, uppers+lowers+digits+"-_") }
func isHash(s string) bool  { return made(s, 8, 8, digits+"abcdef") }
func isTag(s string) bool   { return made(s, 2, 8, lowers+uppers+"-") }
func isRef(s string) bool   { return made(s, 1, 32, uppers+lowers+digits+"-_.") }
func isDay(s string) bool   { return made(s, 8, 8, digits) }
func isUser(s string) bool  { return made(s, 1, 18, digits) && s[0] != '0' }
func isPage(s string) bool  { return made(s, 1, 4, digits) && (s == "0" || s[0] != '0') }
func isCount(s string) bool { return made(s, 1, 4, digits) && s[0] != '0' }
