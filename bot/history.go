package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"cardrop/flows/checkout"
)

// acceptHint is what to do about a Redis that went back.
const acceptHint = "look at /reconcile and open buying there, or run `go run ./bot accept-history`"

// What somebody at the machine has to type, and what is said when they do not.
const (
	emptyRecord = "EMPTY" // stands for the head of a record without entries
	typedLength = 12
)

// errNotTyped means that nothing was changed.
var errNotTyped = errors.New("that is not the head of Redis' record: nothing was changed, and buying stays stopped")

// acceptHistory shows somebody at the machine what Redis forgot and opens buying again once they typed the head of what is left. The
// shop may run meanwhile.
func acceptHistory(ctx context.Context, in io.Reader, out, errs io.Writer) error {
	cfg, err := loadSettings(envFile, os.Environ())
	if err != nil {
		return err
	}
	if cfg.DataDir == "" {
		return errors.New("DATA_DIR is not set: nothing was written down that Redis could be compared with")
	}
	p, err := connect(ctx, cfg, conditions{log: newLogger(errs, slog.LevelWarn, cfg.secrets()...)}, nil)
	if err != nil {
		return err
	}
	if err := p.furnish(ctx, nil); err != nil {
		return errors.Join(err, p.Close())
	}
	return errors.Join(p.askAndAccept(ctx, in, out), p.Close())
}

func (p *program) askAndAccept(ctx context.Context, in io.Reader, out io.Writer) error {
	err := p.shop.CheckHistory(ctx)
	if err != nil && !errors.Is(err, checkout.ErrWentBack) {
		return err
	}
	h, err := p.shop.History(ctx)
	if err != nil {
		return err
	}
	if !h.Stopped {
		_, err := fmt.Fprintf(out, "Redis' record reaches entry %d and continues what was written down: there is nothing to accept.\n", h.Now.Seq)
		return err
	}
	want := emptyRecord
	if h.Now.Hash != "" {
		want = h.Now.Hash[:typedLength]
	}
	if _, err := io.WriteString(out, historyText(h, want)); err != nil {
		return err
	}
	typed, err := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read answer: %w", err)
	}
	if strings.TrimSpace(typed) != want {
		return errNotTyped
	}
	if err := p.shop.AcceptHistory(ctx, 0); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "Accepted. Buying is open again, unless something else keeps it stopped.")
	return err
}

// historyText is what a person has to know before they decide.
func historyText(h checkout.History, want string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Written down in DATA_DIR:  entry %d, claim %d, at %s\n", h.Seen.Seq, h.Seen.Fence, h.Seen.At.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, "Redis knows:               entry %d, linked at %s\n", h.Now.Seq, h.Now.At.UTC().Format(time.RFC3339))
	if h.Holds != nil {
		fmt.Fprintf(&b, "Redis' record does not even hold by itself: %v\n", h.Holds)
	}
	fmt.Fprintf(&b, `
Redis forgot what it had confirmed. What was bought, credited or refunded since then is not in it: wallets hold what they held before,
and orders it does not know may have been charged at the suppliers. Before you go on, compare the suppliers' lists and balances with
/order and the wallets; a newer copy of Redis is better than this one. GiftZ has no list.

To take Redis' record as it is now and sell again, type the beginning of its head: %s
`, want)
	return b.String()
}
