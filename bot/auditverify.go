package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"cardrop/flows/checkout"
)

// auditVerify checks an exported record on any machine: FILE, then, in any order, the shop's public key (64 hex digits) and a file of
// checkpoints that was kept elsewhere.
func auditVerify(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("write audit-verify FILE [PUBLIC_KEY] [CHECKPOINTS]: an export of /audit export, the shop's public key of 64 hex digits, and lines of checkpoints.jsonl or of the operators' chat")
	}
	key := ""
	var points []checkout.Checkpoint
	for _, arg := range args[1:] {
		if raw, err := hex.DecodeString(arg); err == nil && len(raw) == 32 {
			key = arg
			continue
		}
		file, err := os.Open(arg)
		if err != nil {
			return fmt.Errorf("%q is neither 64 hex digits nor a file of checkpoints: %w", arg, err)
		}
		for c, wrong := range readCheckpoints(file) {
			err = errors.Join(err, wrong)
			points = append(points, c)
		}
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	file, err := os.Open(args[0])
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	proof, err := checkout.VerifyExport(file, points)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if key != "" && key != proof.Key {
		return fmt.Errorf("%w: it was made with the key %s, not with %s", checkout.ErrForged, proof.Key, key)
	}
	return sayProof(out, proof, key != "")
}

func sayProof(out io.Writer, p checkout.Attested, known bool) error {
	what := fmt.Sprintf("%d chosen entries; each is as the shop wrote it, and none was added", p.Entries)
	if p.Whole {
		what = fmt.Sprintf("entries %d to %d, all %d of them, head %s", p.From+1, p.To, p.Entries, p.Head)
	}
	whose := "signed with the key you gave"
	if !known {
		whose = "signed with " + p.Key + "; compare it with the key in the checkpoints"
	}
	_, err := fmt.Fprintf(out, "The record of shop %s (%s) holds: %s.\nMade at %s, %s. It agrees with %d checkpoints.\n",
		p.Shop, p.Mode, what, p.At.Format(time.RFC3339), whose, p.Points)
	if err != nil {
		return fmt.Errorf("print proof: %w", err)
	}
	return nil
}
