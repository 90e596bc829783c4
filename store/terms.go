package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Role is what a member may do in a linked group.
type Role string

// The roles; the empty one is the group's default.
const (
	RoleOwner  Role = "owner"  // sets roles and limits, sends money, buys
	RoleBuyer  Role = "buyer"  // buys
	RoleViewer Role = "viewer" // looks
)

// Terms are what a wallet may be used for, and by whom: data that the step that opens an order reads. Amounts are minor units, 0 for no
// limit.
type Terms struct {
	Tier      string // of prices
	Credit    int64  // how far the balance may fall below zero
	Frozen    bool   // nothing is bought
	QuietFrom int    // minutes of the day from which nothing is bought, until QuietTo; equal for never
	QuietTo   int
	Day       int64 // what all may buy in one day
	MemberDay int64 // what one member may, unless MemberDays says otherwise
	Default   Role  // of a member without one; empty is buyer
	Roles     map[int64]Role
	Days      map[int64]int64
	CSV       bool          // files with codes are tables
	FileTTL   time.Duration // life of such a file; 0 for the shop's
}

// Role is a member's role.
func (t Terms) Role(user int64) Role {
	if r := t.Roles[user]; r != "" {
		return r
	}
	if t.Default != "" {
		return t.Default
	}
	return RoleBuyer
}

// The fields of a wallet's terms, as the script that opens an order reads them too.
const (
	TermTier      = "tier"
	TermCredit    = "credit"
	TermFrozen    = "frozen"
	TermQuiet     = "quiet"  // "<from>-<to>", minutes of the day
	TermDay       = "day"    // TermDay:<user> for one member
	TermMemberDay = "mday"   // of every member
	TermRole      = "role:*" // of every member without one
	TermFile      = "file"   // csv
	TermFileTTL   = "filettl"
)

// RoleTerm is the field of one member's role.
func RoleTerm(user int64) string { return "role:" + strconv.FormatInt(user, 10) }

// DayTerm is the field of what one member may buy in one day.
func DayTerm(user int64) string { return TermDay + ":" + strconv.FormatInt(user, 10) }

// Terms reads the terms of a wallet; one without any has the zero value.
func (s *Store) Terms(ctx context.Context, account string) (Terms, error) {
	m, err := s.rdb.HGetAll(ctx, s.keys.terms(account)).Result()
	if err != nil {
		return Terms{}, fmt.Errorf("read terms: %w", err)
	}
	return parseTerms(m), nil
}

// SetTerm changes one field of a wallet's terms with its event; an empty value removes it. It returns false when it stood so already.
func (s *Store) SetTerm(ctx context.Context, account, field, value string, e Event) (bool, error) {
	return s.record(ctx, e, s.keys.terms(account), field, value)
}

func parseTerms(m map[string]string) Terms {
	t := Terms{Tier: m[TermTier], Credit: number(m[TermCredit]), Frozen: m[TermFrozen] == "1", Day: number(m[TermDay]),
		MemberDay: number(m[TermMemberDay]), Default: Role(m[TermRole]),
		CSV: m[TermFile] == "csv", FileTTL: time.Duration(number(m[TermFileTTL])) * time.Second}
	if from, to, ok := strings.Cut(m[TermQuiet], "-"); ok {
		t.QuietFrom, t.QuietTo = int(number(from)), int(number(to))
	}
	for field, value := range m {
		kind, user, ok := strings.Cut(field, ":")
		id, err := strconv.ParseInt(user, 10, 64)
		switch {
		case !ok || err != nil:
		case kind == "role":
			if t.Roles == nil {
				t.Roles = map[int64]Role{}
			}
			t.Roles[id] = Role(value)
		case kind == TermDay:
			if t.Days == nil {
				t.Days = map[int64]int64{}
			}
			t.Days[id] = number(value)
		}
	}
	return t
}
