package main

import (
	"context"
	"time"

	"cardrop/flows"
)

// host tells the checklist how the program stands around the desk.
func (p *program) host(ctx context.Context) flows.Host {
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	h := flows.Host{Retired: len(p.cfg.EncryptionKeysRetired), Links: p.linksOff()}
	switch redis, err := p.store.Check(limited, time.Now); {
	case err != nil:
		h.Memory = flows.MemoryAway
	case len(redis.Problems) > 0:
		h.Memory = flows.MemoryForgets
	case len(redis.Missing) > 0:
		h.Memory = flows.MemoryAssumed
	}
	switch {
	case p.kept == nil:
		h.Backups = flows.BackupsOff
	case p.kept.Late() != "":
		h.Backups = flows.BackupsLate
	}
	return h
}
