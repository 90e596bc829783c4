package checkout

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"cardrop/providers"
)

// The longest texts of a visit, in bytes.
const (
	maxAddress = 45 // of an IPv6 address that holds an IPv4 one
	maxAgent   = 200
)

// Visit is who opened a one-time link: what is on record about a delivery on the web. It is kept beside the record, which holds its salted
// digest only, so that it can be deleted.
type Visit struct {
	Address string `json:"a"` // IP address
	Agent   string `json:"u"` // user agent, as the browser names itself: anybody may write anything there
	Salt    string `json:"s"` // hex
}

// newVisit takes over what a caller says, bounded and without control characters.
func newVisit(address, agent string) *Visit {
	return &Visit{Address: bounded(address, maxAddress), Agent: bounded(agent, maxAgent), Salt: rand.Text()}
}

// bounded is a text without control and format characters, of at most so many bytes.
func bounded(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, text)
	for len(text) > most {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// clean empties what holds a code of these cards.
func (v *Visit) clean(cards []providers.Card) {
	for _, c := range cards {
		if mentions(v.Agent, c, providers.Secret{}) {
			v.Agent = ""
		}
	}
}

// Digest is what the record holds of a visit: 32 hex digits.
func (v *Visit) Digest() string {
	sum := sha256.Sum256(bind("cardrop/visit/v1", v.Salt, v.Address, v.Agent))
	return hex.EncodeToString(sum[:16])
}

// pack puts the digest into the data of an event, and returns what is kept beside it; nil for nobody.
func (v *Visit) pack(data map[string]string) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	data["visit"] = v.Digest()
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode visit: %w", err)
	}
	return text, nil
}

// readVisit reads what is kept; nil for nothing.
func readVisit(text string) *Visit {
	v := &Visit{}
	if text == "" || json.Unmarshal([]byte(text), v) != nil {
		return nil
	}
	return v
}

// Visited reads who opened a showing by a link, for the record: only what agrees with the digest in its event, and nil when there is nothing.
func (s *Shop) Visited(ctx context.Context, order string, claim int64, digest string) (*Visit, error) {
	text, err := s.o.Store.Visit(ctx, order, claim)
	if err != nil {
		return nil, err
	}
	v := readVisit(string(text))
	if v == nil || v.Digest() != digest {
		return nil, nil
	}
	return v, nil
}
