package store

import "strconv"

// keys spells every key of one shop; no other file does. All share the hash tag, so that one script may touch them.
type keys struct{ shop string }

func (k keys) at(rest string) string { return "{" + k.shop + "}:" + rest }

// order is a hash: the order, its placements (fields "<k>.…"), its reveal (fields "rv…", "tok…") and whose it was before (mv). Field
// "<k>.fp" holds the fingerprints of a placement's codes, each with its length and a colon in front.
func (k keys) order(id string) string { return k.at("o:" + id) }

// vault is a hash: index → sealed card. An index that begins with q is quarantined.
func (k keys) vault(id string) string { return k.at("v:" + id) }

// buyerOrders is a list of order ids, newest first.
func (k keys) buyerOrders(user int64) string { return k.at("uo:" + strconv.FormatInt(user, 10)) }

// accountOrders is a list of ids of the orders that an account pays for, newest first.
func (k keys) accountOrders(account string) string { return k.at("ao:" + account) }

// open is a zset of orders that are not final: id → when opened, ms.
func (k keys) open() string { return k.at("open") }

// doubt is a zset of placements in doubt: "<order>.<k>" → since when, ms.
func (k keys) doubt() string { return k.at("doubt") }

// blind is a zset of placements of one kind whose order at the supplier is not known by its id: "<order>.<k>" → when the supplier was
// asked, ms. upgrades is a hash: what was brought to its present shape → "1".
func (k keys) blind(kind Kind) string { return k.at("blind:" + kind.String()) }
func (k keys) upgrades() string       { return k.at("upgrades") }

// handles is a hash: "<provider>:<supplier's id>" → the placement that owns it.
func (k keys) handles() string { return k.at("handles") }

// wallets is a hash: account → balance in minor units.
func (k keys) wallets() string { return k.at("wallets") }

// ledger is a hash: transfer id → "ms|from|to|amount|note".
func (k keys) ledger() string { return k.at("ledger") }

// booked is a list of transfer ids in the order they were booked. Scripts find it by the ledger's name.
func (k keys) booked() string { return k.ledger() + ":ids" }

// statement is a list of transfer ids of one account, oldest first.
func (k keys) statement(account string) string { return k.at("st:" + account) }

// prints is a hash: fingerprint of a code → the placement it belongs to.
func (k keys) prints() string { return k.at("prints") }

// due is a zset of work of one kind: member → when, ms.
func (k keys) due(kind DueKind) string { return k.at("due:" + string(kind)) }

// leases is a hash of work taken: member → fence.
func (k keys) leases(kind DueKind) string { return k.at("leases:" + string(kind)) }

// fence is a counter; every claim gets the next number.
func (k keys) fence() string { return k.at("fence") }

// events is the stream of the audit record: t, k, o, p, a, d.
func (k keys) events() string { return k.at("events") }

// seq counts the events ever written.
func (k keys) seq() string { return k.at("seq") }

// orderEvents and personEvents are lists of event ids, oldest first.
func (k keys) orderEvents(id string) string      { return k.at("eo:" + id) }
func (k keys) personEvents(person string) string { return k.at("ep:" + person) }

// groupEvents, actorEvents and kindEvents are lists of linked event ids, oldest first.
func (k keys) groupEvents(group string) string  { return k.at("eg:" + group) }
func (k keys) actorEvents(person string) string { return k.at("ea:" + person) }
func (k keys) kindEvents(kind string) string    { return k.at("ek:" + kind) }

// head is a hash: head (hex), id, seq and at of the last link, ix the last event that is indexed by group, actor and kind, base where
// the record begins when its first entries are archived, gone how many of them were removed.
func (k keys) head() string { return k.at("head") }

// macs is a list with one mac (32 bytes) for each linked event that was not removed.
func (k keys) macs() string { return k.at("macs") }

// people is a hash: pseudonym → Telegram user id. It can be deleted person by person.
func (k keys) people() string { return k.at("people") }

// paused is a hash: supplier → reason. switches is a hash of why nothing is bought in the whole shop: closed, and
// causes that are lifted each by itself.
func (k keys) paused() string   { return k.at("paused") }
func (k keys) switches() string { return k.at("switches") }

// talk is a hash: v version, b body, u updates seen, m live message, l language, at first seen, c customer's number, x set while
// the person cannot be written to, w while notices are held for them, q when they want no announcements.
func (k keys) talk(chat int64) string { return k.at("talk:" + strconv.FormatInt(chat, 10)) }

// talkOf is the talk of a private chat, or of one member in a group.
func (k keys) talkOf(id TalkID) string { return k.at("talk:" + id.member()) }

// groups is a hash: chat → the account of its wallet. linked is a hash: account → the chat that is its reseller now. moved is a
// hash: a group's former chat → the one it became.
func (k keys) groups() string { return k.at("groups") }
func (k keys) linked() string { return k.at("linked") }
func (k keys) moved() string  { return k.at("moved") }

// terms is a hash: what a wallet may be used for, see Terms.
func (k keys) terms(account string) string { return k.at("terms:" + account) }

// topup is a hash: one request to fill a wallet. topups is a list of a person's, newest first, topupsOpen a zset of those that have
// not ended: id → since when, ms.
func (k keys) topup(id string) string       { return k.at("tu:" + id) }
func (k keys) topups(user int64) string     { return k.at("tul:" + strconv.FormatInt(user, 10)) }
func (k keys) topupsOpen(user int64) string { return k.at("tuo:" + strconv.FormatInt(user, 10)) }

// topupQueue is a zset of the requests that wait for an admin: id → when they were sent, ms. topupNumbers is a hash of one method:
// operator's transaction number → request; pictures a hash: what a file has in every copy → the request it first came with.
func (k keys) topupQueue() string                { return k.at("tuq") }
func (k keys) topupNumbers(method string) string { return k.at("tun:" + method) }
func (k keys) pictures() string                  { return k.at("tup") }

// ticket is a hash: one report of a card that does not work. ticketWords is a hash of what was said: "c.<reference>" by the buyer,
// "s.<reference>" by the staff, each "<ms>|<text>", and pic. ticketCards is a hash of one order: card → the ticket that is open about it, or
// done once it was paid back. ticketsOf and ticketsOn are zsets, of a person's tickets and of those about a line: id → when, ms; ticketQueue of
// those that have not ended.
func (k keys) ticket(id string) string         { return k.at("tk:" + id) }
func (k keys) ticketWords(id string) string    { return k.at("tkw:" + id) }
func (k keys) ticketCards(order string) string { return k.at("tkc:" + order) }
func (k keys) ticketsOf(user int64) string     { return k.at("tko:" + strconv.FormatInt(user, 10)) }
func (k keys) ticketsOn(line string) string    { return k.at("tkl:" + line) }
func (k keys) ticketQueue() string             { return k.at("tkq") }

// move is a hash: an account that goes over to another one. moves is a zset of those that have not ended: id → when begun, ms.
func (k keys) move(id string) string { return k.at("mv:" + id) }
func (k keys) moves() string         { return k.at("moves") }

// star is a hash: one payment in Stars. starsSeen is a string: how many of Telegram's transactions were compared.
func (k keys) star(charge string) string { return k.at("star:" + charge) }
func (k keys) starsSeen() string         { return k.at("stars:seen") }

// promised is a hash of one day: "<method> <account>" → what was asked for and not refused, minor units.
func (k keys) promised(day string) string { return k.at("tud:" + day) }

// pass is what the token of a deep link stands for: "<order>|<user>". passes is the hash that held them all before they had an end.
func (k keys) pass(token string) string { return k.at("pass:" + token) }
func (k keys) passes() string           { return k.at("passes") }

// slip is a string of one one-time link, by its token's mac: "<order>|<buyer>".
func (k keys) slip(mac string) string { return k.at("slip:" + mac) }

// denials is a hash: act → until when more of it are counted only, ms; "<act>.n" → how many were, since the last line on record.
func (k keys) denials(person string) string { return k.at("denials:" + person) }

// held is a hash: orders whose notice, and news, that wait until the person can be written to again.
func (k keys) held(user int64) string { return k.at("held:" + strconv.FormatInt(user, 10)) }

// spent is a hash: what was bought from a wallet in one day, "<day>:<minor units>"; a for all, m<user> for one member.
func (k keys) spent(account string) string { return k.at("bought:" + account) }

// buyerOpen is a zset of a buyer's orders that were open when the last one was made. banned is a hash: user → reason.
func (k keys) buyerOpen(user int64) string { return k.at("uopen:" + strconv.FormatInt(user, 10)) }
func (k keys) banned() string              { return k.at("banned") }

// staff is a hash: user → what they are among those who run the shop. Owners do not stand in it.
func (k keys) staff() string { return k.at("staff") }

// approval is a hash: a dangerous act that waits. approvals is a zset of those that have not ended: id → their end, ms.
func (k keys) approval(id string) string { return k.at("approval:" + id) }
func (k keys) approvals() string         { return k.at("approvals") }

// stars is a hash: a person's favorite lines by short code → since when, ms. watched is a hash: short code of a line that the owner of a
// wallet hears about → "<who asked>|<language>"; told one of what they heard last.
func (k keys) stars(user int64) string       { return k.at("stars:" + strconv.FormatInt(user, 10)) }
func (k keys) watched(account string) string { return k.at("watch:" + account) }
func (k keys) told(account string) string    { return k.at("told:" + account) }

// numbers is a hash: user → customer's number; customers the way back, with the count of numbers given in field n.
func (k keys) numbers() string   { return k.at("numbers") }
func (k keys) customers() string { return k.at("customers") }

// tries is a hash: n wrong tokens, till when they count.
func (k keys) tries(user int64) string { return k.at("tries:" + strconv.FormatInt(user, 10)) }

// tally is a hash: stretch of time → how often something happened to a user in it.
func (k keys) tally(what string, user int64) string {
	return k.at("tally:" + what + ":" + strconv.FormatInt(user, 10))
}

// throttle is a hash: chat → until when Telegram wants us to wait, ms.
func (k keys) throttle() string { return k.at("throttle") }

// lease is a hash: by holder, till when.
func (k keys) lease(name string) string { return k.at("lease:" + name) }

// passing are the beginnings of keys that a backup leaves out: what is worth nothing on another day, and indexes that are made again from
// the rest.
func (k keys) passing() []string {
	return []string{k.leases(""), k.lease(""), k.at("tries:"), k.at("tally:"), k.at("blind:"), k.upgrades(), k.groupEvents(""), k.actorEvents(""),
		k.kindEvents(""), k.at("uopen:"), k.days(), k.once(), k.funds(), k.calls(""),
		k.broadcast(), k.mailWay(), k.mailAgain(), k.slip("")}
}

// broadcast is a hash: the latest text to every customer. mailWay is a hash: user → the session that sends to them now, or that nobody
// knows whether they got it. mailAgain is a zset of those who are tried again: user → when, ms.
func (k keys) broadcast() string { return k.at("broadcast") }
func (k keys) mailWay() string   { return k.at("mail:way") }
func (k keys) mailAgain() string { return k.at("mail:again") }

// codes is a hash: reference → short code; refs the way back.
func (k keys) codes() string { return k.at("codes") }
func (k keys) refs() string  { return k.at("refs") }

// catalog is a hash: family → JSON of one supplier's lines.
func (k keys) catalog(provider string) string { return k.at("cat:" + provider) }

// prices is a hash: "rule|<scope>" or "rate|<currency>" → the caller's JSON.
func (k keys) prices() string { return k.at("prices") }

// products is a hash: what the shop says of its products, the caller's names and values, and in field # how often it was changed.
func (k keys) products() string { return k.at("products") }

// days is a hash: date → sums of a day that is over, as the caller's JSON. once is a hash: what is told once → since when, ms. funds is a
// hash: supplier → what it said last that we have there, minor units.
func (k keys) days() string  { return k.at("days") }
func (k keys) once() string  { return k.at("once") }
func (k keys) funds() string { return k.at("funds") }

// deposits is a hash: id → what was paid into an account at a supplier, as the caller's JSON. estimates is a hash: supplier → what we
// reckon to have there, as the caller's JSON. calls is a hash of one day: "<supplier>|<what>" → how many.
func (k keys) deposits() string         { return k.at("deposits") }
func (k keys) estimates() string        { return k.at("estimates") }
func (k keys) calls(date string) string { return k.at("calls:" + date) }

// comparison is a string: how the latest comparison with the suppliers stands, as JSON.
func (k keys) comparison() string { return k.at("comparison") }

// rehearsal is a string: how the latest rehearsal stands, as JSON.
func (k keys) rehearsal() string { return k.at("rehearsal") }

// ring is a hash of wrapped keys (wrap:…), key check values (check:…), seals counted (seals:…) and what is known about keys: since when
// they seal (turn:…), that nothing names them any more (spent:…), that the program runs without them (dropped:…).
func (k keys) ring() string { return k.at("ring") }

// keyUse is a hash: key id → how many sealed entries name it, with the time of the count in field at.
func (k keys) keyUse() string { return k.at("keyuse") }
