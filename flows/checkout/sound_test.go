package checkout

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"cardrop/store"
)

// scan lists the keys of the shop that match a pattern.
func (k *kit) scan(pattern string) []string {
	k.t.Helper()
	var found []string
	walk := k.raw.Scan(k.ctx, 0, k.key(pattern), 1000).Iterator()
	for walk.Next(k.ctx) {
		found = append(found, walk.Val())
	}
	k.ok(walk.Err())
	slices.Sort(found)
	return slices.Compact(found)
}

// key is the full name of a key of the shop.
func (k *kit) key(rest string) string { return "{" + k.name + "}:" + rest }

// dump reads every byte the shop holds: key → what is in it, as text.
func (k *kit) dump() map[string]string {
	k.t.Helper()
	all := map[string]string{}
	for _, key := range k.scan("*") {
		kind, err := k.raw.Type(k.ctx, key).Result()
		k.ok(err)
		var lines []string
		switch kind {
		case "string":
			text, err := k.raw.Get(k.ctx, key).Result()
			k.ok(err)
			lines = []string{text}
		case "hash":
			fields, err := k.raw.HGetAll(k.ctx, key).Result()
			k.ok(err)
			for _, f := range slices.Sorted(maps.Keys(fields)) {
				lines = append(lines, f+"="+fields[f])
			}
		case "list":
			lines, err = k.raw.LRange(k.ctx, key, 0, -1).Result()
			k.ok(err)
		case "zset":
			list, err := k.raw.ZRangeWithScores(k.ctx, key, 0, -1).Result()
			k.ok(err)
			for _, z := range list {
				lines = append(lines, fmt.Sprintf("%v at %.0f", z.Member, z.Score))
			}
		case "stream":
			list, err := k.raw.XRange(k.ctx, key, "-", "+").Result()
			k.ok(err)
			for _, m := range list {
				lines = append(lines, fmt.Sprintf("%s %v", m.ID, m.Values))
			}
		default:
			k.t.Fatalf("key %s is a %s", key, kind)
		}
		all[key] = strings.Join(lines, "\n")
	}
	return all
}

// sound fails unless the money balances: the sum is zero, no customer owes, replaying the ledger gives the balances, what is held
// is what open orders have not paid for yet, every ended order is paid or returned to the last unit, and cards stand in the vault
// exactly where they were paid for.
func (k *kit) sound() {
	k.t.Helper()
	for _, problem := range k.unbalanced() {
		k.t.Error(problem)
	}
}

func (k *kit) unbalanced() (problems []string) {
	k.t.Helper()
	say := func(format string, a ...any) { problems = append(problems, fmt.Sprintf(format, a...)) }
	balances, err := k.store.Balances(k.ctx)
	k.ok(err)
	entries, replay, sum := map[string]store.Entry{}, map[string]int64{}, int64(0)
	reversed := map[string]int64{} // what was taken back from a wallet, which may owe as much
	k.ok(k.store.Ledger(k.ctx, func(e store.Entry) error {
		entries[e.ID] = e
		if strings.HasSuffix(e.ID, ":reverse") {
			reversed[e.From] += e.Amount
		}
		replay[e.From] -= e.Amount
		replay[e.To] += e.Amount
		if e.Amount <= 0 {
			say("entry %s moves %d", e.ID, e.Amount)
		}
		return nil
	}))
	for account, balance := range balances {
		sum += balance
		if balance != replay[account] {
			say("%s has %d, the ledger says %d", account, balance, replay[account])
		}
		if strings.HasPrefix(account, "cust:") && balance < -reversed[account] {
			say("%s owes %d", account, -balance)
		}
	}
	if sum != 0 {
		say("the sum of all accounts is %d", sum)
	}
	var held int64
	for _, key := range k.scan("o:*") {
		o := k.order(strings.TrimPrefix(key, k.key("o:")))
		held += k.orderProblems(o, entries, say)
	}
	if balances[store.Hold] != held {
		say("hold has %d, open orders still hold %d", balances[store.Hold], held)
	}
	return problems
}

// orderProblems compares one order with the ledger and its vault; it returns what the order still holds.
func (k *kit) orderProblems(o store.Order, entries map[string]store.Entry, say func(string, ...any)) int64 {
	k.t.Helper()
	var captured int64
	cards := 0
	for _, p := range o.Placements {
		id := store.PlacementID{Order: o.ID, K: p.K}.String()
		paid := entries[id+":capture"].Amount
		if paid != int64(p.Delivered)*o.Unit {
			say("%s delivered %d cards at %d and captured %d", id, p.Delivered, o.Unit, paid)
		}
		if p.Delivered > 0 && !p.State.Final() {
			say("%s is %s with %d cards", id, p.State, p.Delivered)
		}
		captured += paid
		cards += p.Delivered
	}
	if entries[o.ID+":hold"].Amount != o.Total || o.Captured != captured || o.Delivered != cards {
		say("order %s: held %d, captured %d and %d, cards %d and %d", o.ID, entries[o.ID+":hold"].Amount, o.Captured, captured, o.Delivered, cards)
	}
	vault, err := k.store.Vault(k.ctx, o.ID)
	k.ok(err)
	kept := 0
	for _, c := range vault {
		if !strings.HasPrefix(c.Index, "q") {
			kept++
		}
	}
	if kept != cards && o.Reveal.State != store.Shredded {
		say("order %s has %d cards in its vault and paid for %d", o.ID, kept, cards)
	}
	back := entries[o.ID+":release"].Amount
	if !o.State.Final() {
		if back != 0 {
			say("order %s is %s and gave %d back", o.ID, o.State, back)
		}
		return o.Total - captured
	}
	if captured+back != o.Total || o.Refunded != back {
		say("order %s ended with %d captured and %d (%d) returned of %d", o.ID, captured, back, o.Refunded, o.Total)
	}
	return 0
}

// spellings are the ways in which a secret might lie somewhere.
func spellings(secret string) []string {
	bare := strings.ReplaceAll(secret, "-", "")
	list := []string{secret, bare, strings.ToLower(secret)}
	for _, s := range []string{secret, bare} {
		list = append(list, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))))
		for shift := range 3 { // base64 of a longer text that holds it, at each of the three alignments
			whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + s))
			inner := whole[4*((shift+2)/3) : len(whole)/4*4-4]
			list = append(list, inner, strings.NewReplacer("+", "-", "/", "_").Replace(inner))
		}
	}
	return list
}

// secrets is whatever the simulators sold: codes, serials and links.
func (k *kit) secrets() []string {
	var all []string
	for _, s := range k.giftz.Sold() {
		all = append(all, s.Secrets...)
	}
	for _, s := range k.click.Sold() {
		all = append(append(all, s.Codes...), s.Serials...)
	}
	return all
}

// leaks names the places in Redis and in the log where something sold can be read.
func (k *kit) leaks(secrets []string) []string {
	k.t.Helper()
	places := k.dump()
	places["the log"] = k.log.String()
	var found []string
	for _, secret := range secrets {
		for _, text := range spellings(secret) {
			for where, content := range places {
				if strings.Contains(content, text) || strings.Contains(where, text) {
					found = append(found, where)
				}
			}
		}
	}
	return found
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	const secret = "GZ-ABCDEFGHIJ"
	for shift := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret + "tail"))
		if !slices.ContainsFunc(spellings(secret), func(s string) bool { return strings.Contains(text, s) }) {
			t.Errorf("a secret at position %d is not found in base64", shift)
		}
	}
}
