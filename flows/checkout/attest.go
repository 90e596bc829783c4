package checkout

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// errTorn is an export that is not as the shop wrote it.
var errTorn = errors.New("this is not a whole export of the record")

// Attested is what an export proves.
type Attested struct {
	Shop, Mode string
	Key        string // of the signature, hex: whether it is the shop's, a person has to compare
	From, To   int64  // entries of the chain; 0 when they were chosen one by one
	Head       string // at the end, hex
	Entries    int
	Whole      bool // every entry from From+1 to To is there, and the chain was recomputed
	At         time.Time
	Points     int // checkpoints it agrees with
}

// VerifyExport checks an exported record with nothing but itself and, when there are any, checkpoints that were kept elsewhere: the
// signature, the sum over all lines, the chain from entry to entry, and the head at each checkpoint in its range. It returns *BadEntry for
// the first entry that does not hold, and ErrForged when the signature does not fit.
func VerifyExport(r io.Reader, points []Checkpoint) (Attested, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return Attested{}, fmt.Errorf("read export: %w", err)
	}
	lines := bytes.SplitAfter(bytes.TrimRight(text, "\n"), []byte("\n"))
	var head exportHead
	var end exportEnd
	last := len(lines) - 1
	if last < 1 || strict(lines[0], &head) != nil || head.Format != ExportFormat || strict(lines[last], &end) != nil {
		return Attested{}, fmt.Errorf("%w: its first or its last line is missing", errTorn)
	}
	p := Attested{Shop: head.Shop, Mode: head.Mode, Key: head.Key, From: head.From.Seq, To: end.End.Seq, Head: end.End.Head, Entries: last - 1,
		Whole: head.Whole, At: end.At}
	if head.Whole {
		if p.Points, err = rechain(head, end, lines[1:last], points); err != nil {
			return p, err
		}
	}
	sum := sha256.Sum256(bytes.Join(lines[:last], nil))
	if p.Entries != end.Entries || hex.EncodeToString(sum[:]) != end.SHA256 {
		return p, fmt.Errorf("%w: a line was changed, or is missing", errTorn)
	}
	return p, signedBy(head.Key, end.Signature, end.said(head))
}

// strict reads one line; what it does not know is an error.
func strict(line []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// rechain recomputes the heads of a whole export, and counts the checkpoints they agree with.
func rechain(head exportHead, end exportEnd, lines [][]byte, points []Checkpoint) (int, error) {
	at := head.From
	agreed := 0
	for _, line := range lines {
		var e exportEntry
		bad := &BadEntry{Seq: at.Seq + 1, Why: "altered"}
		if strict(line, &e) != nil {
			return agreed, bad
		}
		bad.ID = e.ID
		sum, err := hex.DecodeString(at.Head)
		mac, wrong := hex.DecodeString(e.MAC)
		entry, unclear := canonical(e.event())
		if err != nil || wrong != nil || unclear != nil || len(mac) != sha256.Size {
			return agreed, bad
		}
		if e.Seq != at.Seq+1 {
			bad.Why = "missing"
			return agreed, bad
		}
		if at = (linkPlace{e.Seq, hex.EncodeToString(headBehind(sum, entry, mac))}); at.Head != e.Head {
			return agreed, bad
		}
		for _, p := range points {
			switch {
			case p.Seq != at.Seq || p.Shop != head.Shop || p.Mode != head.Mode:
			case p.Key != head.Key || p.Check() != nil:
				return agreed, fmt.Errorf("checkpoint of entry %d: %w", p.Seq, ErrForged)
			case p.Head != at.Head:
				return agreed, &BadEntry{Seq: p.Seq, ID: e.ID, Why: "checkpoint"}
			default:
				agreed++
			}
		}
	}
	switch {
	case at.Seq < end.End.Seq:
		return agreed, &BadEntry{Seq: at.Seq + 1, Why: "missing"}
	case at != end.End:
		return agreed, &BadEntry{Seq: at.Seq, Why: "head"}
	}
	return agreed, nil
}
