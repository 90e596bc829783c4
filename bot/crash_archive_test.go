package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// soldLongAgo has the program sell and make a checkpoint, more than a month before the one is started that dies.
func soldLongAgo(w *wreck, s scenario) error {
	if err := w.voyage(nil, func() error { return w.sells(s) }); err != nil {
		return err
	}
	w.advance(10 * time.Minute) // past the lease of the checkpoint
	points := func() int {
		lines, err := os.ReadFile(filepath.Join(w.env["DATA_DIR"], "checkpoints.jsonl"))
		if err != nil {
			return 0
		}
		return bytes.Count(lines, []byte("\n"))
	}
	former := points()
	err := w.voyage(nil, func() error {
		if !until(60*time.Second, func() bool { return points() > former }) {
			return errors.New("no checkpoint is made at a start")
		}
		return nil
	})
	w.advance(32 * 24 * time.Hour)
	return err
}

// archivedWhole waits until the old part of the record left Redis, and tells when what left, and what stayed, are not the whole of it.
func archivedWhole(w *wreck) []string {
	ctx := w.t.Context()
	key := func(rest string) string { return "{" + w.env["SHOP"] + "}:" + rest }
	gone := func() (n, all int64) {
		head, err := w.memory.Head(ctx)
		if err != nil {
			return 0, 0
		}
		n, err = w.redis.rdb.HGet(ctx, key("head"), "gone").Int64()
		if err != nil {
			return 0, head.Seq
		}
		return n, head.Seq
	}
	if !until(200*time.Second, func() bool { n, _ := gone(); return n > 0 }) {
		return []string{"the old part of the record stays in Redis"}
	}
	files, err := filepath.Glob(filepath.Join(w.env["DATA_DIR"], "record", "record-*.jsonl.age"))
	if err != nil || len(files) == 0 {
		return []string{fmt.Sprintf("no segment was kept: %v", err)}
	}
	n, all := gone()
	if macs := w.redis.rdb.LLen(ctx, key("macs")).Val(); macs < all-n {
		return []string{fmt.Sprintf("%d entries are gone of %d, and %d macs stayed", n, all, macs)}
	}
	return nil
}
