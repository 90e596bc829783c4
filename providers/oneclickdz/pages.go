package oneclickdz

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"cardrop/providers"
)

const (
	pageSize = 100 // the supplier's largest
	maxPages = 200 // of one window; more is taken for a server that repeats itself
)

// pages hands every item of a list between from and to to each, once, whatever the pages. An item that comes twice because
// new ones pushed it to a later page is handed over once. It returns an error wrapping ErrUnknown when a page cannot be read
// or when fewer items came than the supplier counted: what is missing might be the one that is looked for.
func (c *Client) pages(ctx context.Context, path string, from, to time.Time, each func(item json.RawMessage) error) error {
	seen := map[string]bool{}
	for page := 1; page <= maxPages; page++ {
		r, err := c.get(ctx, "list", path, url.Values{
			"page": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(pageSize)}, "from": {stamp(from)}, "to": {stamp(upTo(to))},
		})
		if err != nil {
			return err
		}
		items, ok := under(r.data, "items", "topups")
		if !r.good() || !ok {
			return r.unknown("list")
		}
		for _, item := range items {
			key := identity(item)
			if seen[key] {
				continue
			}
			seen[key] = true
			if err := each(item); err != nil {
				return err
			}
		}
		more, total, err := pagination(r, page, len(items))
		if err != nil {
			return err
		}
		if !more && len(seen) < total {
			return fmt.Errorf("oneclickdz list: %w: %d of %d entries came", providers.ErrUnknown, len(seen), total)
		}
		if !more {
			return nil
		}
	}
	return fmt.Errorf("oneclickdz list: %w: more than %d pages", providers.ErrUnknown, maxPages)
}

// pagination tells whether another page follows and how many entries there are in all; without the block, a full page is
// followed by another.
func pagination(r reply, page, items int) (more bool, total int, err error) {
	var data struct {
		Block *struct {
			Pages whole `json:"totalPages"`
			Total whole `json:"totalResults"`
		} `json:"pagination"`
	}
	if json.Unmarshal(r.data, &data) != nil || data.Block == nil || !data.Block.Pages.set {
		return items >= pageSize, 0, nil
	}
	if data.Block.Pages.bad || data.Block.Total.bad {
		return false, 0, r.unknown("list")
	}
	more = page < data.Block.Pages.n
	if more && items == 0 {
		return false, 0, r.unknown("list")
	}
	return more, data.Block.Total.n, nil
}

// identity is what tells one list entry from another.
func identity(item json.RawMessage) string {
	var id struct {
		Mongo ident `json:"_id"`
		ID    ident `json:"id"`
	}
	if json.Unmarshal(item, &id) == nil && first(id.Mongo, id.ID) != "" {
		return first(id.Mongo, id.ID)
	}
	return string(item)
}

// stamp writes a time as the list filters want it, without fractions.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// upTo is the first full second at or after t.
func upTo(t time.Time) time.Time { return t.Add(time.Second - 1).Truncate(time.Second) }

// within tells whether t lies between from and to, to the full second around them.
func within(t, from, to time.Time) bool {
	return !t.Before(from.Truncate(time.Second)) && !t.After(upTo(to))
}
