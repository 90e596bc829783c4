package oneclickdz

import (
	"net/http"
	"strings"

	"cardrop/providers"
)

// The supplier's codes that decide, after their spelling was made normal.
const (
	codeDuplicate  = "DUPLICATED_REF"
	codeNotFound   = "NOT_FOUND"
	codeValidation = "ERR_VALIDATION"
)

// duplicated tells whether the supplier says that our reference was used before.
func (r reply) duplicated() bool { return r.code == codeDuplicate && r.status < 500 }

// missing tells whether the supplier itself says that it does not know what was asked for. A miss of its router or of a
// proxy, which has no envelope, does not say that.
func (r reply) missing() bool { return r.status == http.StatusNotFound && r.code == codeNotFound }

// refusal is the supplier's sure no; nil when the answer leaves open what happened. The statuses 400, 401, 403, 404, 413 and
// 429 are given before anything is made. A 2xx that denies with a code of these is a no too: the status of ERR_PHONE is not
// documented.
func (r reply) refusal() *providers.Refusal {
	if r.duplicated() {
		return nil
	}
	reason := r.reason()
	switch r.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
	default:
		reason = reply{code: r.code}.reason() // the words of a denying success do not count
		named := reason != providers.Misused || r.code == codeValidation
		if r.status/100 != 2 || r.code == "" || len(r.data) > 0 || !named {
			return nil
		}
	}
	return &providers.Refusal{Reason: reason, Code: r.label(), After: r.after}
}

// reason maps the supplier's code, then its status, then its words.
func (r reply) reason() providers.Reason {
	switch r.code {
	case "RATE_LIMIT_EXCEEDED":
		return providers.Busy
	case "MISSING_ACCESS_TOKEN", "INVALID_ACCESS_TOKEN", "ERR_AUTH", "IP_BLOCKED", "IP_NOT_ALLOWED", "API_DISABLED":
		return providers.Blocked
	case "INSUFFICIENT_BALANCE", "NO_BALANCE":
		return providers.NoFunds
	case "ERR_PHONE", "INVALID_PHONE":
		return providers.BadAccount
	}
	switch {
	case r.status == http.StatusTooManyRequests:
		return providers.Busy
	case r.status == http.StatusUnauthorized:
		return providers.Blocked
	case r.stockless():
		return providers.OutOfStock
	case r.status == http.StatusForbidden && (r.code == "" || r.says("read-only", "read only", "scope", "permission")):
		return providers.Blocked
	}
	return providers.Misused
}

// stockless tells whether the code or the words mean that the line is not to be had. The code is not documented, so several
// spellings and the usual words count.
func (r reply) stockless() bool {
	if strings.HasPrefix(r.code, "SERVICE_") || strings.HasPrefix(r.code, "AUTH_") {
		return false // the whole supplier is not available, which says nothing of the line
	}
	for _, part := range []string{"STOCK", "SOLD_OUT", "NOT_AVAILABLE", "UNAVAILABLE", "PRODUCT_DISABLED"} {
		if strings.Contains(r.code, part) {
			return true
		}
	}
	return r.says("out of stock", "out-of-stock", "not in stock", "insufficient stock", "enough stock", "sold out", "not available",
		"unavailable", "rupture de stock")
}

func (r reply) says(parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(r.words, part) {
			return true
		}
	}
	return false
}
