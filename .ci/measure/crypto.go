package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"cardrop/flows/checkout"
	"cardrop/store"
)

// card is a card as it is sealed: a voucher with code, serial, day and link.
const card = `{"c":"GZ-4F7K-9Q2M-X8TD-3HVA","s":"8412-0093-2215","x":[["Link","https://example.com/v/4F7K9Q2MX8TD3HVA"]],"f":[["Valid until","2027-03-31"]]}`

// sealing measures one card sealed and opened again against AES-256-GCM with random nonces alone, of the same padded bytes.
func (t *till) sealing(ctx context.Context, rounds, times int) (row, error) {
	r := row{what: "seal and open a card", unit: "ns", against: "AES-256-GCM", sense: atMost, target: 2}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return r, fmt.Errorf("raw seal: %w", err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return r, fmt.Errorf("raw seal: %w", err)
	}
	padded := make([]byte, (len(card)+4+63)/64*64)
	copy(padded[4:], card)
	for range rounds {
		began := time.Now()
		for range times {
			if _, err := gcm.Open(nil, nil, gcm.Seal(nil, nil, padded, nil), nil); err != nil {
				return r, fmt.Errorf("raw seal: %w", err)
			}
		}
		theirs := time.Since(began)
		began = time.Now()
		if err := sealAndOpen(ctx, times, t.ring.Seal, t.ring.Open); err != nil {
			return r, fmt.Errorf("seal: %w", err)
		}
		ours := time.Since(began)
		r.rounds = append(r.rounds, pair{float64(ours.Nanoseconds()) / float64(times), float64(theirs.Nanoseconds()) / float64(times)})
	}
	r.note = "one in 256 seals counts itself durably in Redis; that is in the figure"
	return r, nil
}

// sealAndOpen does both for a card of one order. The place's type is the ring's own: only its methods name it.
func sealAndOpen[P any](ctx context.Context, times int, seal func(context.Context, []byte, P) ([]byte, error), open func([]byte, P) ([]byte, error)) error {
	var place P
	v := reflect.ValueOf(&place).Elem()
	v.FieldByName("Order").SetString("PWCZTTRY")
	v.FieldByName("Index").SetString("1.1")
	v.FieldByName("Owner").SetInt(firstBuyer)
	v.FieldByName("SKU").SetString(goods)
	plain := []byte(card)
	for range times {
		sealed, err := seal(ctx, plain, place)
		if err != nil {
			return err
		}
		if back, err := open(sealed, place); err != nil || len(back) != len(plain) {
			return errors.Join(err, errors.New("the card did not come back"))
		}
	}
	return nil
}

// record measures a check of the whole record, read from Redis, against the hashes alone of the same bytes.
func (t *till) record(ctx context.Context, rounds int) (row, error) {
	r := row{what: "audit verify", unit: "ns/entry", against: "SHA-256+HMAC", sense: atMost, target: 2}
	entries, err := t.entries(ctx)
	if err != nil {
		return r, err
	}
	n := float64(len(entries))
	for range rounds {
		began := time.Now()
		hashes(entries)
		theirs := time.Since(began)
		began = time.Now()
		head, err := t.shop.VerifyRecord(ctx)
		if err != nil {
			return r, fmt.Errorf("verify record: %w", err)
		}
		ours := time.Since(began)
		if head.Seq < int64(len(entries)) {
			return r, fmt.Errorf("verify record: %d of %d entries", head.Seq, len(entries))
		}
		r.rounds = append(r.rounds, pair{float64(ours.Nanoseconds()) / n, float64(theirs.Nanoseconds()) / n})
	}
	r.note = fmt.Sprintf("%d entries; the shop's figure holds reading them from Redis", len(entries))
	return r, nil
}

// entries reads the record as bytes of the same length and make as those that are hashed.
func (t *till) entries(ctx context.Context) ([][]byte, error) {
	if err := t.shop.Notarize(ctx); err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	var all [][]byte
	for from := ""; ; {
		events, err := t.store.EventsAfter(ctx, from, 500)
		if err != nil {
			return nil, fmt.Errorf("read record: %w", err)
		}
		for _, e := range events {
			entry, err := canonical(e)
			if err != nil {
				return nil, err
			}
			all, from = append(all, entry), e.ID
		}
		if len(events) < 500 {
			return all, nil
		}
	}
}

// canonical is an entry as the record's macs take it.
func canonical(e store.Event) ([]byte, error) {
	data, err := json.Marshal(e.Data)
	if err != nil {
		return nil, fmt.Errorf("encode entry: %w", err)
	}
	var out []byte
	for _, part := range []string{"cardrop/entry/v1", e.ID, strconv.FormatInt(e.At.UnixMilli(), 10), e.Kind, e.Order, e.Person, e.Actor, string(data)} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part))) //nolint:gosec // parts are short
		out = append(out, part...)
	}
	return out, nil
}

// hashes does what proves a record and nothing else: a mac of each entry, and a head over all.
func hashes(entries [][]byte) []byte {
	key, head := make([]byte, 32), make([]byte, 32)
	for _, entry := range entries {
		m := hmac.New(sha256.New, key)
		m.Write(entry)
		mac := m.Sum(nil)
		h := sha256.New()
		h.Write(head)
		h.Write(entry)
		h.Write(mac)
		head = h.Sum(nil)
	}
	return head
}

var _ checkout.Channel = tray{}
