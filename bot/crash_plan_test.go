package main

import (
	"cmp"
	"slices"
	"strings"

	"cardrop/bot/failpoint"
)

// leads says which scenarios reach a point, the most telling first.
func leads(point string) []string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(point, "store."), "telegram."), ".")
	switch name {
	case "supplier":
		if strings.Contains(point, "giftz") {
			return []string{"purchase", "bulk"}
		}
		if strings.Contains(point, "ocpay") {
			return []string{"paylink"}
		}
		return []string{"gift", "internet", "partial", "fallback"}
	case "open_order", "claim_placement", "settle":
		return []string{"fallback", "bulk", "purchase", "gift", "internet", "partial"}
	case "take_reveal", "reveal_step", "mint", "removed", "deleteMessage":
		return []string{"reveal", "bulk", "gift"}
	case "deleteMessages":
		return []string{"burst"}
	case "editMessageMedia":
		return []string{"bulk"}
	case "transfer", "record":
		return []string{"credit"}
	case "wake":
		return []string{"doubt"}
	case "shred":
		return []string{"retention"}
	case "archive", "trim":
		return []string{"archive"}
	case "setWebhook":
		return []string{"webhook"}
	case "refund", "approval":
		return []string{"refund"}
	case "reissue":
		return []string{"reissue"}
	case "step_move", "move_order", "end_move":
		return []string{"move"}
	case "open_ticket", "step_ticket":
		return []string{"ticket"}
	case "decide":
		return []string{"decide"}
	case "look_back":
		return []string{"lost"}
	case "stock":
		return []string{"stock"}
	case "found":
		return []string{"found"}
	case "link_group", "move_group", "deny", "editEphemeralMessageText":
		return []string{"group"}
	case "arrange":
		return []string{"goods"}
	case "send":
		return []string{"send"}
	case "welcome":
		return []string{"away"}
	case "remind":
		return []string{"reminder"}
	case "swap":
		return []string{"rotation"}
	case "prove_topup", "step_topup":
		return []string{"topup"}
	case "ask_topup", "settle_topup":
		return []string{"topup", "paylink"}
	case "sendPhoto", "editMessageCaption":
		return []string{"topup"}
	case "pay_star", "answerPreCheckoutQuery", "refundStarPayment", "sendInvoice":
		return []string{"stars"}
	case "broadcast", "mailing", "mail_take", "mail_end":
		return []string{"announce"}
	case "link_topup":
		return []string{"paylink"}
	case "cut_slip", "take_slip", "void_slip", "delivery":
		return []string{"link"}
	case "customer":
		return []string{"purchase"}
	case "code", "getMe", "getStarTransactions", "deleteWebhook", "setMyCommands", "lease", "link", "index", "throttle":
		return []string{"boot"}
	case "getUpdates", "claim_due", "save_talk", "drawn":
		return []string{"purchase", "boot", "reveal"}
	default:
		return []string{"purchase", "partial"}
	}
}

// nth is at which passing a point breaks: never the first one where a running program passes all the time.
func nth(point string, round int) int {
	for _, busy := range []string{"store.lease.", "store.link.", "store.throttle", "store.claim_due"} {
		if strings.HasPrefix(point, busy) {
			return 2 + round
		}
	}
	for _, rare := range []string{"telegram.getUpdates", "store.index."} { // long polling and filing: a purchase takes no more than three
		if strings.HasPrefix(point, rare) {
			return 2 + min(round, 1)
		}
	}
	for _, often := range []string{"store.save_talk", "store.drawn", "telegram.sendMessage", "telegram.editMessageText", "store.code", "store.mail_"} {
		if strings.HasPrefix(point, often) {
			return 1 + round
		}
	}
	if strings.HasPrefix(point, "store.swap") { // the shop's own keys first, then the card
		return 1 + round%2
	}
	return 1
}

func smokePlan() []wrecking {
	return []wrecking{
		{"purchase", ruin{"supplier.giftz.after", 1, "redis"}},
		{"reveal", ruin{"store.reveal_step.after", 1, "kill"}},
		{"bulk", ruin{"store.settle.before", 2, "kill"}},
		{"purchase", ruin{"store.save_talk.after", 2, "twice"}},
		{"reveal", ruin{"telegram.editMessageText.after", 1, "kill"}},
		{"internet", ruin{"supplier.oneclickdz.after", 1, "kill"}},
		{"rotation", ruin{"store.swap.before", 2, "twice"}},
	}
}

// shortPlan is every point once, in one mode.
func shortPlan() []wrecking {
	var plan []wrecking
	for i, point := range failpoint.Points() {
		mode := modes()[i%len(modes())]
		plan = append(plan, wrecking{leads(point)[0], ruin{point, nth(point, 0), mode}})
	}
	return slowFirst(plan)
}

// fullPlan is every point in every mode, in every scenario that leads there; and once as a panic and as an error, which the program has to
// survive.
func fullPlan() []wrecking {
	var plan []wrecking
	for _, point := range failpoint.Points() {
		for round, mode := range modes() {
			for _, s := range leads(point) {
				plan = append(plan, wrecking{s, ruin{point, nth(point, round), mode}})
			}
		}
		for _, mode := range shocks(point) {
			plan = append(plan, wrecking{leads(point)[0], ruin{point, nth(point, 0), mode}})
		}
	}
	return slowFirst(plan)
}

// shocks are the modes that the program has to survive. The write of a request happens in a goroutine of net/http, where nobody can
// catch a panic.
func shocks(point string) []string {
	if strings.HasSuffix(point, ".write") {
		return []string{"err"}
	}
	return []string{"err", "panic"}
}

// slowFirst begins with the runs that wait for a job of every minute.
func slowFirst(plan []wrecking) []wrecking {
	slices.SortStableFunc(plan, func(a, b wrecking) int { return cmp.Compare(slow(b), slow(a)) })
	return plan
}

func slow(w wrecking) int {
	if w.scenario == "retention" || w.scenario == "reminder" || w.scenario == "stock" || w.scenario == "found" || w.scenario == "archive" {
		return 1
	}
	return 0
}
