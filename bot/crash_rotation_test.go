package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"cardrop/store"
)

// formerKey sealed what the rotation of the crash tests finds.
const formerKey = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"

// sealsBefore has the program sell under the former key, and ends it: the next one is given a new key, and this one as retired.
func sealsBefore(w *wreck, s scenario) error {
	if err := w.voyage(map[string]string{"ENCRYPTION_KEY": formerKey}, func() error { return w.sells(s) }); err != nil {
		return err
	}
	w.env["ENCRYPTION_KEYS_RETIRED"] = formerKey
	return nil
}

// sells has somebody buy what the scenario is about.
func (w *wreck) sells(s scenario) error {
	buyer := &human{wreck: w, id: omar}
	if err := buyer.buys(s); err != nil {
		return err
	}
	if !until(40*time.Second, func() bool { o, _, err := buyer.order(); return err == nil && o.State == store.Fulfilled }) {
		return errors.New("nothing was sold before")
	}
	return nil
}

// voyage starts the program with more settings, waits until it is ready, does something and ends it, before the one that dies is started.
func (w *wreck) voyage(settings map[string]string, do func() error) error {
	cmd := w.command(w.path, settings)
	if err := cmd.Start(); err != nil {
		return err
	}
	err := errors.New("the program of before did not get ready")
	if until(80*time.Second, w.up) {
		err = do()
	}
	if err != nil {
		_ = cmd.Process.Kill()
		return errors.Join(err, cmd.Wait())
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		return err
	}
	w.advance(leap)
	return nil
}

// ring reads a field of the keyring by the beginning of its name.
func (h *human) ring(prefix string) string {
	all, err := h.redis.rdb.HGetAll(h.t.Context(), "{"+h.env["SHOP"]+"}:ring").Result()
	if err != nil {
		return ""
	}
	for name, value := range all {
		if strings.HasPrefix(name, prefix) {
			return value
		}
	}
	return ""
}

// losesKey waits until nothing is sealed under the former key, starts the program without it, and looks at the cards once more.
func losesKey(h *human) error {
	if !until(90*time.Second, func() bool { return h.ring("spent:") == "1" }) {
		return errors.New("the rotation does not end")
	}
	h.mu.Lock()
	delete(h.env, "ENCRYPTION_KEYS_RETIRED")
	_ = h.cmd.Process.Signal(syscall.SIGTERM)
	h.mu.Unlock()
	if !until(90*time.Second, func() bool { return h.ring("dropped:") == "1" && h.up() }) {
		return fmt.Errorf("the program does not start without the former key: %w", h.last)
	}
	h.mu.Lock()
	h.ends-- // this end was asked for
	h.mu.Unlock()
	again := until(60*time.Second, func() bool {
		o, _, err := h.order()
		if err == nil && o.Reveal.Shown < 2 && time.Since(h.acted) > 3*time.Second {
			h.acted = time.Now()
			h.tap("Show again")
		}
		return err == nil && o.Reveal.Shown > 1
	})
	if !again {
		return errors.New("the cards do not open under the new key alone")
	}
	return nil
}
