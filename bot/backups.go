package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"cardrop/bot/backup"
	"cardrop/flows/checkout"
)

// backupFolder is where backups go in DATA_DIR.
const backupFolder = "backups"

// recordFolder is where archived segments of the record go in DATA_DIR.
const recordFolder = "record"

// busyTries is for how many seconds `backup` waits for another process.
const busyTries = 100

// errNoBackup is a shop that is not set up for backups.
var errNoBackup = errors.New("no backup can be made: set BACKUP_RECIPIENT (`keygen backup` prints a pair) and DATA_DIR")

// keeper makes the backups of the shop; nil where none are wanted.
func (p *program) keeper() (*backup.Keeper, error) {
	if p.cfg.BackupRecipient == "" {
		return nil, nil //nolint:nilnil // off
	}
	return backup.New(backup.Options{Dir: filepath.Join(p.cfg.DataDir, backupFolder), Segments: filepath.Join(p.cfg.DataDir, recordFolder), Recipient: p.cfg.BackupRecipient, Shop: p.cfg.Shop,
		Mode: p.cfg.ShopMode, Every: p.cfg.BackupEvery, Days: p.cfg.BackupDays, Memory: shelf{p.store}, Leases: p.store, Now: p.c.now,
		Alarm: p.alarm, Logger: p.c.log})
}

// archives lets old segments of the record be kept where backups are; without a recipient they stay in Redis.
func (p *program) archives(goods *checkout.Options) {
	if goods.RecordKept = p.cfg.RecordRetention; p.kept != nil {
		goods.Archive = p.kept
	}
}

// backups is the job of every minute.
func (p *program) backups(ctx context.Context) error {
	if p.kept == nil {
		return nil
	}
	return p.kept.Tick(ctx)
}

// noteBackups adds how the backups stand, unless all is well.
func (p *program) noteBackups(notes map[string]string) {
	if p.kept == nil {
		notes["backup"] = "off: BACKUP_RECIPIENT is not set"
	} else if trouble := p.kept.Late(); trouble != "" {
		notes["backup"] = trouble
	}
}

// makeBackup makes a snapshot now; the shop may run meanwhile.
func makeBackup(ctx context.Context, out, errs io.Writer) error {
	cfg, err := loadSettings(envFile, os.Environ())
	if err != nil {
		return err
	}
	if cfg.BackupRecipient == "" {
		return errNoBackup
	}
	p, err := connect(ctx, cfg, conditions{log: newLogger(errs, slog.LevelWarn, cfg.secrets()...)}, nil)
	if err != nil {
		return err
	}
	k, err := p.keeper()
	if err != nil {
		return errors.Join(err, p.Close())
	}
	path, err := k.Snapshot(ctx)
	for tries := 0; errors.Is(err, backup.ErrBusy) && tries < busyTries; tries++ { // a process that was killed has it for a while
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
		path, err = k.Snapshot(ctx)
	}
	if err != nil {
		return errors.Join(err, p.Close())
	}
	_, err = fmt.Fprintf(out, "%s\nThe running shop continues its journal behind this snapshot, a segment a minute. Keep copies away from this machine.\n", path)
	return errors.Join(err, p.Close())
}

// restoreUsage is how restore is called.
const restoreUsage = `restore [-check] -identity FILE SNAPSHOT|FOLDER
  puts a snapshot and its journal back into an empty Redis; -check only reads them, and needs no Redis.
  FILE holds the secret half of BACKUP_RECIPIENT`

// restore puts a backup back.
func restore(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	identity := flags.String("identity", "", "")
	check := flags.Bool("check", false, "")
	if err := flags.Parse(args); err != nil || *identity == "" || flags.NArg() != 1 {
		return errors.New(restoreUsage)
	}
	if exposed(*identity) {
		return errors.New("every user of this machine may read the identity; run chmod 600 on its file")
	}
	cfg, err := loadSettings(envFile, os.Environ())
	if err != nil {
		return err
	}
	path := flags.Arg(0)
	if inside := filepath.Join(path, backupFolder); isFolder(inside) {
		path = inside
	}
	set, err := backup.Open(path, *identity, backup.Want{Shop: cfg.Shop, Mode: cfg.ShopMode})
	if err != nil {
		return err
	}
	err = checkout.CheckRing(set.Ring, checkout.RingOptions{Primary: cfg.EncryptionKey, Retired: cfg.EncryptionKeysRetired,
		Mode: cfg.ShopMode, Shop: cfg.Shop})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, setText(set)); err != nil || *check {
		return err
	}
	p, err := connect(ctx, cfg, conditions{log: newLogger(errs, slog.LevelWarn, cfg.secrets()...)}, nil)
	if err != nil {
		return err
	}
	return errors.Join(p.restore(ctx, set, out), p.Close())
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// restore writes a set that was read and found whole.
func (p *program) restore(ctx context.Context, set *backup.Set, out io.Writer) error {
	if err := p.checkRedis(ctx); err != nil {
		return err
	}
	fill, err := p.store.Refill(ctx)
	if err != nil {
		return fmt.Errorf("%w; nothing was written. A backup goes into an empty Redis, or under another SHOP", err)
	}
	if err := set.Each(func(line []byte) error { return fill.Put(ctx, line) }); err != nil {
		return fmt.Errorf("put back: %w; what was written sells nothing, and `restore` begins anew", err)
	}
	done, err := fill.End(ctx)
	if err != nil {
		return fmt.Errorf("put back: %w; what was written sells nothing, and `restore` begins anew", err)
	}
	if err := p.furnish(ctx, nil); err != nil {
		return fmt.Errorf("%w; what was written sells nothing: mend this, and `restore` begins anew", err)
	}
	if err := p.shop.Restored(ctx, set.Until.At, set.Until.Seq); err != nil {
		return err
	}
	if err := fill.Done(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `
Put back: %d entries of the ledger, %d orders that are not finished; %d requests that nobody had sent yet are in doubt now.
Buying stays stopped. Start the shop, compare orders and balances with the suppliers from %s on, then run accept-history.
`, done.Entries, done.Open, done.Asked, clock(set.Until.At))
	return err
}

// setText says what a backup holds and what it cannot hold.
func setText(set *backup.Set) string {
	return fmt.Sprintf(`%s: whole, with %d segments of its journal, %d lines, entry %d of the record.
Snapshot begun:    %s
Everything until:  %s
What can be lost at most: what the shop did after %s until it stopped for good. With a journal that is shipped every
minute this is about a minute; whatever was sold in it is in the suppliers' lists and not here. Talks, links into the private chat,
requests to fill a wallet and customers without an order are those of the snapshot.
`, filepath.Base(set.Files[0]), len(set.Files)-1, set.Lines, set.Until.Seq, clock(set.From.At), clock(set.Until.At), clock(set.Until.At))
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
