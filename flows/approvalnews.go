package flows

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// approvalNews is what the desk needs to bring approvals to those concerned.
type approvalNews interface {
	SetApprovalTold(ctx context.Context, id string, user int64, state store.ApprovalState, message int) error
}

// nextPerson is when the next person concerned hears of the same approval.
const nextPerson = time.Millisecond

// approvalNotices adds approvals with news to a list of notices: one person at a time, so that one who cannot be reached keeps nobody else
// from hearing of it.
func (d *Desk) approvalNotices(ctx context.Context, list []Notice, limit int) ([]Notice, error) {
	due, err := d.talks.ClaimDue(ctx, store.DueApproval, limit, noticeLease)
	if err != nil {
		return nil, fmt.Errorf("list approvals: %w", err)
	}
	for _, n := range due {
		a, user, err := d.unheardApproval(ctx, n.Member)
		if err != nil {
			return nil, err
		}
		if user == 0 {
			if err := d.endNotice(ctx, store.DueApproval, n, 0); err != nil {
				return nil, err
			}
			continue
		}
		list = append(list, Notice{Approval: n.Member, User: user, Stands: a.State, Fence: n.Fence})
	}
	return list, nil
}

// unheardApproval is the first person who has to hear how an approval stands; 0 for nobody.
func (d *Desk) unheardApproval(ctx context.Context, id string) (store.Approval, int64, error) {
	a, err := d.shop.Approval(ctx, id)
	if errors.Is(err, checkout.ErrNotFound) {
		return a, 0, nil
	}
	if err != nil {
		return a, 0, fmt.Errorf("read approval: %w", err)
	}
	if a.State == store.ApprovalGiven || a.State == store.ApprovalWaiting { // on its way, and nobody else's business
		return a, 0, nil
	}
	if a.State.Ended() && a.Told[a.By] != a.State && (a.State != store.ApprovalCanceled || a.Second != a.By) {
		return a, a.By, nil
	}
	people := slices.Sorted(maps.Keys(a.Posts)) // a message that stands has no live button after the end
	if a.State == store.ApprovalOpen {
		act, err := checkout.ActOf(a)
		if err != nil {
			return a, 0, err
		}
		if people, err = d.seconds(ctx, act); err != nil {
			return a, 0, err
		}
	}
	for _, user := range people {
		if user != a.By && a.Told[user] != a.State {
			return a, user, nil
		}
	}
	return a, 0, nil
}

// approvalNotice is how an approval stands, before one person's eyes: edited in place as it goes on.
func (d *Desk) approvalNotice(ctx context.Context, n Notice) (Reply, error) {
	a, err := d.shop.Approval(ctx, n.Approval)
	if errors.Is(err, checkout.ErrNotFound) {
		return Reply{}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("read approval: %w", err)
	}
	act, err := checkout.ActOf(a)
	if err != nil {
		return Reply{}, err
	}
	v, err := d.known(ctx, n.User)
	if err != nil {
		return Reply{}, err
	}
	title, body, err := d.approval(ctx, v, a, act)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Screens: []Screen{{Chat: n.User, Edit: a.Posts[n.User], Text: clip(title+"\n\n"+body, textLimit), Keep: true,
		Marks: []Mark{{Kind: "bold", Length: units(title)}}, Rows: kept(v.verdicts(a)), Language: v.language}}}, nil
}

// approvalNoticed remembers what a person was told; after a failure that may pass it comes again, and nobody else waits for one who cannot
// be reached.
func (d *Desk) approvalNoticed(ctx context.Context, n Notice, sent []Sent, failure error) error {
	next := nextPerson
	if failure != nil && !errors.Is(failure, checkout.ErrUnreachable) {
		next = noticeRetry
	} else {
		message := 0
		if len(sent) > 0 {
			message = sent[0].Message
		}
		if err := d.talks.SetApprovalTold(ctx, n.Approval, n.User, n.Stands, message); err != nil {
			return fmt.Errorf("remember notice: %w", err)
		}
	}
	return d.endNotice(ctx, store.DueApproval, store.Due{Member: n.Approval, Fence: n.Fence}, next)
}
