package checkout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cardrop/providers"
	clickbox "cardrop/providers/oneclickdz/sandbox"
	"cardrop/store"
)

// allowed is the closed set of what the record may hold: kind → keys of its data.
func allowed() map[string][]string {
	shown := []string{"claim", "method", "cards", "outcome", "visit"}
	return map[string][]string{
		EventReminded: {"stage"},
		EventOpened:   {"product", "cards", "total"}, EventAsked: {"placement", "supplier"},
		EventPlacement: {"placement", "state", "reason", "cards", "instead"}, EventEnded: {"state", "cards", "returned"}, EventOffered: nil,
		EventAgain: nil, EventSlip: {"for"}, EventVoid: {"for"}, EventClaimed: {"method"}, EventRenewed: nil, EventShowing: shown, EventDelivered: shown, EventNetCard: shown, EventFailed: nil,
		EventExtended: nil, EventSaved: nil, EventRemoved: {"claim", "outcome"}, EventShredded: nil, EventDenied: {"act", store.MoreDenied},
		EventCredited: {"amount", "ref", "settled"}, EventWoken: nil, EventLinked: nil, EventUnlinked: nil, EventMoved: nil, EventPaused: {"supplier", "reason"},
		EventAuditRead: {"how", "order", "person", "group", "actor", "kind", "since", "until"}, EventKey: {"reason"}, EventAccepted: {"seen", "found"},
		EventRestored: {"until", "entry"},
		EventResumed:  {"supplier", "reason"}, EventSwitched: {"reason"}, EventClosed: {"until"}, EventDeposited: {"supplier", "amount", "currency"}, EventReckoned: {"supplier", "amount", "currency"}, EventReopened: nil, EventArchived: {"from", "to", "sum"},
		EventPriced: {"tier", "supplier", "category", "product", "percent", "fixed", "floor", "ceiling"}, EventRated: {"currency", "num", "den"},
		EventTerms: {"term", "value", "member"}, EventBanned: nil, EventUnbanned: nil, EventStaffed: {"role"}, EventReissued: nil,
		EventArranged:      {"product", "trait", "language", "value"},
		EventApprovalAsked: {"approval", "act", "amount", "state"}, EventApprovalGiven: {"approval"}, EventApprovalEnded: {"approval", "state", "reason"},
		EventCompared: {"differences", "lost", "suppliers"}, EventFound: {"supplier", "cards"},
		EventSpent: {"key", "items"}, EventDropped: {"key", "state"},
		EventDebited: {"amount", "ref", "settled"}, EventTopUpAsked: {"topup", "method", "amount"}, EventTopUpSent: {"topup"},
		EventTopUpClaimed: {"topup"}, EventTopUpCredited: {"topup", "amount"}, EventTopUpRefused: {"topup"}, EventTopUpExpired: {"topup"},
		EventTopUpReversed: {"topup", "amount"}, EventStarsBack: {"stars"},
		EventRehearsed: {"well", "failed"},
		EventCastBegun: {"broadcast", "people", "languages", "text"}, EventCastPaused: {"broadcast"}, EventCastResumed: {"broadcast"},
		EventCastCanceled: {"broadcast"}, EventCastOver: {"broadcast", "sent", "blocked", "banned", "muted", "failed", "unsure", "left"},
		EventTicketOpened: {"ticket", "card", "reason"}, EventTicketClaimed: {"ticket"}, EventTicketAnswered: {"ticket"}, EventTicketWritten: {"ticket"},
		EventTicketPaying: {"ticket", "how"}, EventPaidBack: {"amount", "cards"}, EventTicketEnded: {"ticket", "state"},
		EventMoveBegun: {"move", "member"}, EventMoveTried: {"move", "member"}, EventMoveProven: {"move", "member"}, EventMoveStopped: {"move", "member"},
		EventMoveOver: {"move", "member"}, EventMoving: {"move", "member"}, EventMoveDone: {"move", "member", "amount"}, EventOrderMoved: {"move", "member"},
		EventSent: {"amount", "ref", "member"}, EventReceived: {"amount", "ref", "group"},
	}
}

// odd lists what is wrong with an event.
func odd(e store.Event) (problems []string) {
	keys, known := allowed()[e.Kind]
	if !known {
		problems = append(problems, "kind "+e.Kind)
	}
	if e.Order != "" && !isOrderID(e.Order) {
		problems = append(problems, "order "+e.Order)
	}
	pseudonym := regexp.MustCompile(`^[0-9a-f]{16}$`)
	if (e.Person != "" && !pseudonym.MatchString(e.Person)) || (e.Actor != system && e.Actor != console && e.Actor != bearer && !pseudonym.MatchString(e.Actor)) {
		problems = append(problems, "person "+e.Person+" or actor "+e.Actor)
	}
	for key, value := range e.Data {
		if !slices.Contains(keys, key) || !regexp.MustCompile(`^[A-Za-z0-9_-]{0,32}$`).MatchString(value) {
			problems = append(problems, e.Kind+" has "+key+"="+value)
		}
	}
	return problems
}

// TestThreat39ClosedEvents runs a shop through all that it can do and looks at every event: a closed set of kinds and keys, short values, no names, no
// ids of people, no code, no serial, no token.
func TestThreat39ClosedEvents(t *testing.T) {
	both(t, func(t *testing.T, k *kit) {
		var tokens []string
		show := func(user int64, sku string, n int) store.Order {
			o, token := k.ready(user, sku, n)
			tokens = append(tokens, token)
			k.ok(k.reveal(o, token, user))
			return o
		}
		o := show(amine, grab, 12)
		_, err := k.shop.Extend(k.ctx, show(amine, psn, 1).ID, amine)
		k.ok(err)
		k.ok(k.shop.Saved(k.ctx, show(bilal, adsl, 1).ID, bilal))
		k.is(k.reveal(o, tokens[0], bilal), ErrNotFound)
		k.pass(11 * time.Minute)
		k.ok(k.shop.Sweep(k.ctx))
		again, err := k.shop.Again(k.ctx, o.ID, amine)
		k.ok(err)
		k.tray.fail("Show", failure{errTray, false})
		k.is(k.reveal(o, again, amine), ErrDelivery)
		k.pass(k.options.RevealTTL)
		k.ok(k.shop.Sweep(k.ctx))
		_, err = k.shop.Retry(k.ctx, k.buy(amine, grab, 1).ID, admin)
		k.ok(err)
		k.ok(k.click.Fault(clickbox.Trouble{Fault: clickbox.OutOfFunds, Times: 1}))
		k.run(k.buy(bilal, psn, 1).ID, time.Second, 10*time.Second)
		k.ok(k.shop.Resume(k.ctx, "ocgift", "no_funds"))
		k.ok(k.shop.SwitchBuying(k.ctx, errDied))
		k.ok(k.shop.SwitchBuying(k.ctx, nil))
		k.ok(k.shop.Close(k.ctx, admin, Closure{Words: "Back tomorrow", Until: k.now().Add(time.Hour)}))
		k.ok(k.shop.OpenAgain(k.ctx, admin))
		_, err = k.shop.Deposit(k.ctx, Deposit{Supplier: "giftz", Money: providers.Money{Minor: 5, Currency: "VND"}, Admin: admin, Note: "n", Ref: "d1"})
		k.ok(err)
		k.ok(k.shop.Reckon(k.ctx, admin, "giftz", providers.Money{Minor: 7, Currency: "VND"}))
		k.ok(k.shop.Restored(k.ctx, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), 7))
		k.ok(k.shop.AcceptHistory(k.ctx, admin))
		k.outside(psn, 2, "")
		k.looks()
		k.compares("")
		c, err := k.shop.Comparison(k.ctx)
		k.ok(err)
		k.ok(k.shop.OpenAfter(k.ctx, admin, c.ID))
		_, _, err = k.shop.Link(k.ctx, -4001, admin)
		k.ok(err)
		k.ok(k.shop.SetTerm(k.ctx, admin, TermChange{Account: "group:-4001", Term: store.RoleTerm(amine), Member: amine, Value: "owner"}))
		k.sends("group:-4001", amine, bilal, 5_00)
		k.ok(k.shop.Moved(k.ctx, -4001, -1004001))
		_, _, err = k.shop.Unlink(k.ctx, -1004001, admin)
		k.ok(err)
		k.ok(k.shop.SetRule(k.ctx, admin, Scope{Tier: "gold", Category: "game-cards"}, &Rule{Percent: rat("6.5"), Fixed: 20_00, Ceiling: 500_00}))
		k.ok(k.shop.SetRate(k.ctx, admin, "VND", rat("0.0054")))
		k.ok(k.shop.SetTerm(k.ctx, admin, TermChange{Account: "group:-4001", Term: store.TermTier, Value: "gold"}))
		k.fillings()
		k.ok(k.shop.StarsPaid(k.ctx, StarPayment{Charge: "stx1", TopUp: "nothing", Payer: karim, Stars: 5}))
		for _, on := range []bool{true, false} {
			_, err = k.shop.Ban(k.ctx, admin, karim, on)
			k.ok(err)
		}
		_, err = k.shop.Appoint(k.ctx, admin, karim, "support")
		k.ok(err)
		k.ok(k.shop.Enthrone(k.ctx, []int64{karim}))
		k.approvals()
		k.reissues()
		k.ok(k.shop.SetTrait(k.ctx, admin, k.line(grab), TraitHow, "fr", "Dans l'application, tapez le code."))
		k.ok(k.shop.SetTrait(k.ctx, admin, k.line(grab), TraitLife, "", "90"))
		k.announces()
		k.rehearses()
		k.slips()
		k.tickets()
		k.relocations()
		key := k.options.Ring.keys
		k.options.Ring.keys = nil
		k.is(k.reveal(o, again, amine), ErrKeyMissing)
		k.options.Ring.keys = key
		_, err = k.shop.Audit(k.ctx, admin, AuditQuery{Order: o.ID})
		k.ok(err)
		_, err = k.shop.Audit(k.ctx, admin, AuditQuery{User: amine})
		k.ok(err)
		k.rekey(second, master)
		k.rotates()
		k.rekey(second)
		k.pass(1000 * time.Hour)
		k.ok(k.shop.Retain(k.ctx))
		k.pass(25 * time.Hour)
		k.ok(k.shop.Retain(k.ctx))

		events, err := k.store.EventsAfter(k.ctx, "", 10_000)
		k.ok(err)
		met := map[string]bool{}
		for _, e := range events {
			met[e.Kind] = true
			for _, problem := range odd(e) {
				t.Errorf("event %s: %s", e.ID, problem)
			}
		}
		for kind := range allowed() {
			if !met[kind] && kind != EventArchived { // TestArchive: it would take these away
				t.Errorf("%s was never written", kind)
			}
		}
		if leaks := k.leaks(append(k.secrets(), append(tokens, again)...)); len(leaks) > 0 {
			t.Errorf("codes or tokens lie open in %v", leaks)
		}
		if text := k.dump()[k.key("events")]; strings.Contains(text, "1001") && strings.Contains(text, ":1001 ") {
			t.Error("the record names a person")
		}
	}, paying)
}

// TestOddEvents is the positive control of the schema.
func TestOddEvents(t *testing.T) {
	t.Parallel()
	good := store.Event{Kind: EventOpened, Order: "ABCD2345", Person: "0123456789abcdef", Actor: system, Data: map[string]string{"cards": "2"}}
	if p := odd(good); len(p) != 0 {
		t.Error(p)
	}
	for what, change := range map[string]func(*store.Event){
		"kind": func(e *store.Event) { e.Kind = "OTHER" }, "order": func(e *store.Event) { e.Order = "GZ-CODE" },
		"person": func(e *store.Event) { e.Person = "1001" }, "actor": func(e *store.Event) { e.Actor = "Amine" },
		"key":   func(e *store.Event) { e.Data = map[string]string{"code": "1"} },
		"value": func(e *store.Event) { e.Data = map[string]string{"cards": "two of them"} },
	} {
		e := good
		change(&e)
		if len(odd(e)) == 0 {
			t.Errorf("an odd %s is not seen", what)
		}
	}
}

// TestEveryKindIsListed: a kind of event that is added to the source has to be added to the closed set.
func TestEveryKindIsListed(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "events.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Event") {
			return true
		}
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value) //nolint:forcetypeassert // a constant of the table
		if _, listed := allowed()[kind]; err != nil || !listed {
			t.Errorf("%s is not in the closed set", kind)
		}
		n++
		return true
	})
	if n != len(allowed()) {
		t.Errorf("%d kinds in the source, %d in the closed set", n, len(allowed()))
	}
}

// TestEventKindsAreAll compares the list with the constants of this package.
func TestEventKindsAreAll(t *testing.T) {
	set := token.NewFileSet()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := EventKinds()
	found := 0
	for _, path := range files {
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 || !strings.HasPrefix(v.Names[0].Name, "Event") {
				return true
			}
			if text, ok := v.Values[0].(*ast.BasicLit); ok && text.Kind == token.STRING {
				kind, err := strconv.Unquote(text.Value)
				if found++; err != nil || !kinds[kind] {
					t.Errorf("%s: %s is not in EventKinds", path, v.Names[0].Name)
				}
			}
			return true
		})
	}
	if found != len(kinds) {
		t.Errorf("%d constants, %d kinds", found, len(kinds))
	}
}

func TestKindsLike(t *testing.T) {
	for word, want := range map[string][]string{
		"card delivered": {EventNetCard}, "cards-delivered": {EventDelivered}, " Denied": {EventDenied}, "nothing": nil,
		"group": {EventLinked, EventMoved, EventUnlinked},
	} {
		got := KindsLike(word)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}
