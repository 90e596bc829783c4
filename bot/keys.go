package main

import (
	"context"
	"fmt"
	"time"
)

// notes say what an operator waits for while the shop sells: part → how it stands. Now these are the backups and the
// former keys.
func (p *program) notes(ctx context.Context) map[string]string {
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	notes := map[string]string{}
	p.noteBackups(notes)
	keys, err := p.shop.Keys(limited)
	if err != nil {
		return notes // missing tells that Redis does not answer
	}
	for _, k := range keys {
		text := "nothing is sealed under it any more; it may be taken out of ENCRYPTION_KEYS_RETIRED"
		switch {
		case !k.Known:
			text = "what is sealed under it is being counted; keep it in ENCRYPTION_KEYS_RETIRED"
		case k.Items > 0 && !k.Loaded:
			text = fmt.Sprintf("%d entries are sealed under it, and it is not loaded; put it back into ENCRYPTION_KEYS_RETIRED", k.Items)
		case k.Items > 0:
			text = fmt.Sprintf("%d entries are still sealed under it; keep it in ENCRYPTION_KEYS_RETIRED", k.Items)
		}
		notes["former key "+k.ID] = text
	}
	return notes
}
