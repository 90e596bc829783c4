// Package failpoint ends, stops or fails the program at a named place, for the crash tests. Without the build tag failpoint it is
// empty and costs nothing.
//
// With the tag, FAILPOINT=name:n:mode acts at the n-th time name is reached; several are separated by commas. The modes are kill
// (SIGKILL), stop (SIGSTOP), panic and err. Names are listed by Points. Three more variables are read with the tag only:
// FAILPOINT_ARMED names a file without which nothing is counted, FAILPOINT_TRACE=1 writes each name that is reached for the first time
// to standard error, and FAILPOINT_OFFSET names a file with how far every clock of the program is ahead, such as 90s.
package failpoint

// Canary begins the value of every panic of a failpoint: it must not be found in anything that the program writes.
const Canary = "CANARY-7QX2-19KD "

// Points lists every place the program passes, before and after each foreign effect: a script of the store, a call to a supplier
// that may buy or takes money (and its write), a method of the Bot API, an answer that carries cards.
func Points() []string {
	var names []string
	for _, script := range []string{"ack_due", "approval", "archive", "arrange", "ask_topup", "broadcast", "claim_due", "claim_placement", "code", "customer", "decide", "deny", "drawn", "end_move", "found", "index", "lease", "link", "mail_end", "mail_take", "mailing",
		"link_group", "link_topup", "look_back", "mark", "mint", "move_group", "move_order", "open_order", "open_ticket", "pay_star", "prove_topup", "record", "refund", "reissue", "removed", "reveal_step", "save_talk", "send",
		"settle", "settle_topup", "shred", "step_move", "step_ticket", "step_topup", "stock", "swap", "take_reveal", "throttle", "transfer", "trim", "wake"} {
		names = append(names, "store."+script+".before", "store."+script+".after")
	}
	for _, supplier := range []string{"giftz", "ocpay", "oneclickdz"} {
		names = append(names, "supplier."+supplier+".before", "supplier."+supplier+".write", "supplier."+supplier+".after")
	}
	for _, method := range []string{"answerCallbackQuery", "answerPreCheckoutQuery", "deleteMessage", "deleteWebhook", "editEphemeralMessageText", "editMessageCaption", "editMessageMedia", "editMessageText", "getMe", "getStarTransactions",
		"getUpdates", "refundStarPayment", "sendInvoice", "sendMessage", "sendPhoto", "setMyCommands", "setWebhook"} {
		names = append(names, "telegram."+method+".before", "telegram."+method+".after")
	}
	for _, place := range []string{"store.remind", "store.welcome", "supplier.ocpay.check-payment", "telegram.deleteMessages", // of burning in bulk, of the retention, and of a page's payment that is asked about
		"store.cut_slip", "store.take_slip", "store.void_slip", "delivery.download"} { // of one-time links
		names = append(names, place+".before", place+".after")
	}
	return names
}
