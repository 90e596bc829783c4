package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"cardrop/flows/checkout"
)

// checkpointSize bounds one line of checkpoints.jsonl, in bytes.
const checkpointSize = 4096

func (f headFile) checkpoints() string { return filepath.Join(f.dir, "checkpoints.jsonl") }

// Checkpoint adds a line to checkpoints.jsonl in DATA_DIR. A crash leaves the former lines and at most a torn one behind them, which the
// next line begins anew.
func (f headFile) Checkpoint(c checkout.Checkpoint) error {
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode checkpoint: %w", err)
	}
	file, err := os.OpenFile(f.checkpoints(), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open checkpoints: %w", err)
	}
	if torn, err := endsTorn(file); err != nil {
		return errors.Join(err, file.Close())
	} else if torn {
		line = append([]byte("\n"), line...)
	}
	_, err = file.Write(append(line, '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// endsTorn tells whether a file's last line has no end.
func endsTorn(file *os.File) (bool, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return false, err
	}
	last := make([]byte, 1)
	_, err = file.ReadAt(last, size-1)
	return last[0] != '\n', err
}

// LastCheckpoint reads the last whole line; the zero Checkpoint when there is none.
func (f headFile) LastCheckpoint() (checkout.Checkpoint, error) {
	file, err := os.Open(f.checkpoints())
	if errors.Is(err, fs.ErrNotExist) {
		return checkout.Checkpoint{}, nil
	}
	if err != nil {
		return checkout.Checkpoint{}, fmt.Errorf("open checkpoints: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return checkout.Checkpoint{}, fmt.Errorf("read checkpoints: %w", err)
	}
	tail := make([]byte, min(size, 4*checkpointSize))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil {
		return checkout.Checkpoint{}, fmt.Errorf("read checkpoints: %w", err)
	}
	if int64(len(tail)) < size {
		_, tail, _ = bytes.Cut(tail, []byte("\n"))
	}
	var last checkout.Checkpoint
	for c, err := range readCheckpoints(bytes.NewReader(tail)) {
		if err != nil {
			return checkout.Checkpoint{}, err
		}
		last = c
	}
	return last, nil
}

// Checkpoints reads the file, oldest first.
func (f headFile) Checkpoints() iter.Seq2[checkout.Checkpoint, error] {
	return func(yield func(checkout.Checkpoint, error) bool) {
		file, err := os.Open(f.checkpoints())
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(checkout.Checkpoint{}, fmt.Errorf("open checkpoints: %w", err))
			return
		}
		defer func() { _ = file.Close() }() // only read
		for c, err := range readCheckpoints(file) {
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// readCheckpoints reads lines of JSON. A line without an end was torn by a crash, or is being written: it is passed over, and so is a torn
// one in the middle that is shorter than any checkpoint.
func readCheckpoints(r io.Reader) iter.Seq2[checkout.Checkpoint, error] {
	return func(yield func(checkout.Checkpoint, error) bool) {
		lines := bufio.NewReaderSize(r, checkpointSize)
		for n := 1; ; n++ {
			line, err := lines.ReadSlice('\n')
			if errors.Is(err, io.EOF) {
				return
			}
			var c checkout.Checkpoint
			if err == nil {
				err = json.Unmarshal(line, &c)
			}
			if err != nil && torn(line) {
				continue
			}
			if err != nil {
				yield(c, fmt.Errorf("checkpoints.jsonl, line %d of the part read: it is no checkpoint; put the file back from a backup, or move it away", n))
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// torn tells whether a line is the beginning of a checkpoint that a crash cut off: it has no closing brace.
func torn(line []byte) bool { return !bytes.HasSuffix(bytes.TrimSpace(line), []byte("}")) }

// checkpoint signs how far the record reaches, and posts that to the operators' chat: Telegram's own time beside it is a witness that
// nobody here can change.
func (p *program) checkpoint(ctx context.Context) error {
	c, fresh, err := p.shop.Checkpoint(ctx)
	if err != nil || !fresh || p.cfg.OperatorsChat == 0 {
		return err
	}
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode checkpoint: %w", err)
	}
	return p.bot.SendNotice(ctx, p.cfg.OperatorsChat, string(line))
}
