package checkout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cardrop/store"
)

// ExportFormat names the layout of an exported record: JSON Lines, an exportHead, then entries, then an exportEnd.
const ExportFormat = "cardrop/audit/v1"

// exportMost is how many entries one export holds; the rest is behind a later Since.
const exportMost = 20_000

// exportHead is the first line: whose record it is, and the head that the first entry goes on from.
type exportHead struct {
	Format string    `json:"format"`
	Shop   string    `json:"shop"`
	Mode   string    `json:"mode"`
	Key    string    `json:"key"`  // the shop's public key, Ed25519, hex
	From   linkPlace `json:"from"` // all zero at the beginning of the record
	Whole  bool      `json:"whole"`
}

// linkPlace is a place in the chain.
type linkPlace struct {
	Seq  int64  `json:"seq"`
	Head string `json:"head"`
}

// exportEntry is one entry. Seq, MAC and Head are there when every entry of the time is.
type exportEntry struct {
	Seq    int64             `json:"seq,omitempty"`
	ID     string            `json:"id"`
	At     int64             `json:"t"` // Unix milliseconds
	Kind   string            `json:"k"`
	Order  string            `json:"o,omitempty"`
	Person string            `json:"p,omitempty"`
	Actor  string            `json:"a,omitempty"`
	Data   map[string]string `json:"d"`
	MAC    string            `json:"mac,omitempty"`  // hex
	Head   string            `json:"head,omitempty"` // behind this entry, hex
}

func (e exportEntry) event() store.Event {
	return store.Event{ID: e.ID, At: time.UnixMilli(e.At), Kind: e.Kind, Order: e.Order, Person: e.Person, Actor: e.Actor, Data: e.Data}
}

// exportEnd is the last line: what the shop vouches for.
type exportEnd struct {
	End       linkPlace `json:"end"`
	Entries   int       `json:"entries"`
	SHA256    string    `json:"sha256"` // of all lines before, hex
	At        time.Time `json:"time"`
	Signature string    `json:"signature"` // base64
}

// said is what the signature of an export is made over.
func (e exportEnd) said(h exportHead) []byte {
	return bind("cardrop/export/v1", h.Mode, h.Shop, itoa(h.From.Seq), h.From.Head, itoa(e.End.Seq), e.End.Head, itoa(e.Entries), e.SHA256,
		itoa(e.At.UnixMilli()))
}

// Exported is a part of the record as files.
type Exported struct {
	Lines   []byte    // JSON Lines, with the chain's head and a signature; `audit-verify` checks it
	Table   []byte    // CSV with a byte order mark, for a spreadsheet
	Entries int       // how many
	Seq     int64     // the last entry of the chain it reaches to; 0 when entries were chosen one by one
	Head    string    // the head there, hex
	Rest    time.Time // from when on there is more; zero when there is not
}

// Export writes the linked entries that were chosen, oldest first, 20,000 at most. When only a time is chosen, every entry of it is there and
// the chain can be recomputed with the public key alone; it then begins at the checkpoint before that time. It is itself an event. It returns
// ErrNotFound as Audit does.
func (s *Shop) Export(ctx context.Context, admin int64, q AuditQuery) (Exported, error) {
	c, err := s.seek(ctx, q)
	if err != nil {
		return Exported{}, err
	}
	x := s.exporter()
	if c.trail() == (store.Trail{}) && c.person+c.actor == "" {
		err = s.exportTime(ctx, c, x)
	} else {
		err = s.exportChosen(ctx, c, x)
	}
	if err != nil {
		return Exported{}, fmt.Errorf("export record: %w", err)
	}
	out, err := x.finish(s)
	if err != nil {
		return Exported{}, fmt.Errorf("export record: %w", err)
	}
	return out, s.auditRead(ctx, admin, c, "export")
}

// exportTime takes every entry from the checkpoint before a time on.
func (s *Shop) exportTime(ctx context.Context, c search, x *exporter) error {
	head, base, err := s.base(ctx)
	if err != nil {
		return err
	}
	points, err := s.checkpoints()
	if err != nil {
		return err
	}
	at := base.place()
	for _, p := range points {
		if p.At.Before(c.Since) && p.Seq >= base.Seq && p.Seq <= head.Seq {
			at = p.place()
		}
	}
	x.head.From, x.head.Whole = linkPlace{at.Seq, at.Hash}, true
	for at.Seq < head.Seq {
		events, links, next, err := s.verifyRun(ctx, at, min(linkBatch, head.Seq-at.Seq))
		if err != nil {
			return err
		}
		for i, e := range events {
			if !c.Until.IsZero() && !e.At.Before(c.Until) {
				return nil
			}
			if len(x.entries) == exportMost {
				x.rest = e.At
				return nil
			}
			x.add(e, at.Seq+int64(i)+1, links[i])
		}
		at = next
	}
	return nil
}

// exportChosen takes the entries that fit, newest first until there are enough.
func (s *Shop) exportChosen(ctx context.Context, c search, x *exporter) error {
	c.Size = exportMost
	for {
		page, err := s.auditPage(ctx, c)
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			x.add(e, 0, link{})
		}
		if c.Cursor = page.Next; c.Cursor == "" || len(x.entries) >= exportMost {
			slices.Reverse(x.entries)
			return nil
		}
	}
}

// exporter collects an export.
type exporter struct {
	head    exportHead
	entries []exportEntry
	end     linkPlace
	rest    time.Time
}

func (s *Shop) exporter() *exporter {
	return &exporter{head: exportHead{Format: ExportFormat, Shop: s.o.Ring.shop, Mode: s.o.Ring.mode, Key: hex.EncodeToString(s.o.Ring.Public())}}
}

func (x *exporter) add(e store.Event, seq int64, l link) {
	x.entries = append(x.entries, exportEntry{Seq: seq, ID: e.ID, At: e.At.UnixMilli(), Kind: e.Kind, Order: e.Order, Person: e.Person, Actor: e.Actor,
		Data: e.Data, MAC: hex.EncodeToString(l.mac), Head: hex.EncodeToString(l.sum)})
	x.end = linkPlace{seq, hex.EncodeToString(l.sum)}
}

// finish writes both files.
func (x *exporter) finish(s *Shop) (Exported, error) {
	lines, err := x.lines(s)
	table, wrong := x.table()
	if err := errors.Join(err, wrong); err != nil {
		return Exported{}, err
	}
	return Exported{Lines: lines, Table: table, Entries: len(x.entries), Seq: x.end.Seq, Head: x.end.Head, Rest: x.rest}, nil
}

// lines writes the head, the entries and the signed end.
func (x *exporter) lines(s *Shop) ([]byte, error) {
	if len(x.entries) == 0 {
		x.end = x.head.From
	}
	var lines bytes.Buffer
	enc := json.NewEncoder(&lines)
	enc.SetEscapeHTML(false)
	err := enc.Encode(x.head)
	for _, e := range x.entries {
		err = errors.Join(err, enc.Encode(e))
	}
	sum := sha256.Sum256(lines.Bytes())
	end := exportEnd{End: x.end, Entries: len(x.entries), SHA256: hex.EncodeToString(sum[:]), At: s.o.Now().UTC().Truncate(time.Millisecond)}
	_, end.Signature = s.o.Ring.sign(end.said(x.head))
	err = errors.Join(err, enc.Encode(end))
	return lines.Bytes(), err
}

// table is the export for a spreadsheet.
func (x *exporter) table() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff") // spreadsheets take it for UTF-8 then
	w := csv.NewWriter(&out)
	rows := [][]string{{"entry", "time", "event", "order", "person", "actor", "details", "id"}}
	for _, e := range x.entries {
		details, err := json.Marshal(e.Data)
		if err != nil {
			return nil, fmt.Errorf("encode entry %s: %w", e.ID, err)
		}
		seq := ""
		if e.Seq > 0 {
			seq = strconv.FormatInt(e.Seq, 10)
		}
		rows = append(rows, []string{seq, time.UnixMilli(e.At).UTC().Format("2006-01-02T15:04:05.000Z"), e.Kind, e.Order, e.Person, e.Actor,
			string(details), e.ID})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	return out.Bytes(), nil
}
