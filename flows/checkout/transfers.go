package checkout

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// The methods where an admin sees that the money has come.
const (
	MethodCCP       = "ccp"       // a postal account, by its number and key
	MethodBaridiMob = "baridimob" // the post's application, by the account's RIP
	MethodCash      = "cash"      // in somebody's hand
)

// Transfer is a payment that the shop's people see arriving: by post, by telephone, or in cash. It is a PaymentMethod.
type Transfer struct {
	name     string
	life     time.Duration
	proof    Proof
	accounts []PayAccount
}

// How long a request for a transfer or for cash waits for word of its payment.
const transferLife = 24 * time.Hour

var _ PaymentMethod = (*Transfer)(nil)

// Name is the method's name.
func (t *Transfer) Name() string { return t.name }

// Limits are the shop's own.
func (t *Transfer) Limits() (least, most int64) { return 0, 0 }

// Life is a day.
func (t *Transfer) Life() time.Duration { return t.life }

// Proof is number and picture, or nothing for cash.
func (t *Transfer) Proof() Proof { return t.proof }

// Accounts lists the accounts in the order of the setting.
func (t *Transfer) Accounts() []PayAccount { return t.accounts }

// NewTransfer reads the accounts of a method, one after another with semicolons between them: for ccp "holder|account|key",
// for baridimob "holder|RIP", for cash "where and when", each with "|ceiling of a day" behind it if it has one, in whole units of
// which one has the given count of minor ones. Its error says which account is wrong, what of it, and quotes nothing.
func NewTransfer(method, setting string, minor int64) (*Transfer, error) {
	t := &Transfer{name: method, life: transferLife, proof: Proof{Number: true, Picture: true}}
	shape := map[string][]string{
		MethodCCP: {fieldHolder, fieldAccount, fieldKey}, MethodBaridiMob: {fieldHolder, fieldRIP}, MethodCash: {fieldPlace},
	}[method]
	if shape == nil {
		return nil, errors.New("method is not known")
	}
	if method == MethodCash {
		t.proof = Proof{}
	}
	seen := map[string]bool{}
	for text := range strings.SplitSeq(setting, ";") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		a, err := payAccount(shape, text, minor)
		if err == nil && seen[a.packed()] {
			err = errors.New("stands there twice")
		}
		if err != nil {
			return nil, fmt.Errorf("account %d %w", len(t.accounts)+1, err)
		}
		seen[a.packed()] = true
		t.accounts = append(t.accounts, a)
	}
	if len(t.accounts) == 0 {
		return nil, errors.New("names no account")
	}
	return t, nil
}

// payAccount reads one account.
func payAccount(shape []string, text string, minor int64) (PayAccount, error) {
	var a PayAccount
	parts := strings.Split(text, "|")
	if len(parts) != len(shape) && len(parts) != len(shape)+1 {
		return a, fmt.Errorf("has %d parts, not %s and perhaps a ceiling", len(parts), strings.Join(shape, ", "))
	}
	for i, key := range shape {
		value := strings.TrimSpace(parts[i])
		if key != fieldHolder && key != fieldPlace {
			value = strings.NewReplacer(" ", "", "-", "").Replace(value)
		}
		if value == "" || len(value) > 200 || !showable(value) || strings.Contains(value, "=") {
			return a, fmt.Errorf("has no readable %s", key)
		}
		a.Fields = append(a.Fields, PayField{Key: key, Value: value})
	}
	if err := checkFigures(a.Fields); err != nil {
		return a, err
	}
	if len(parts) > len(shape) {
		whole, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(parts[len(shape)]), " ", ""), 10, 64)
		if err != nil || whole < 1 || whole > 1_000_000_000 {
			return a, errors.New("has a ceiling that is no count of whole units")
		}
		a.Ceiling = whole * minor
	}
	return a, nil
}

// checkFigures compares numbers with their check digits.
func checkFigures(fields []PayField) error {
	var account string
	for _, f := range fields {
		switch f.Key {
		case fieldAccount:
			if len(f.Value) > 10 || strings.Trim(f.Value, "0123456789") != "" {
				return errors.New("has an account that is not up to 10 digits")
			}
			account = f.Value
		case fieldKey:
			if f.Value != ccpKey(account) {
				return errors.New("has a key that does not belong to the account: one of the two is mistyped")
			}
		case fieldRIP:
			if len(f.Value) != 20 || strings.Trim(f.Value, "0123456789") != "" {
				return errors.New("has a RIP that is not 20 digits")
			}
			if f.Value[18:] != ripKey(f.Value[3:18]) {
				return errors.New("has a RIP whose last two digits do not belong to the others: it is mistyped")
			}
		}
	}
	return nil
}

// ccpKey is the key of a postal account: its ten digits, weighted 13 to 4, modulo 100.
func ccpKey(account string) string {
	account = strings.Repeat("0", max(0, 10-len(account))) + account
	sum := 0
	for i, d := range account {
		sum += int(d-'0') * (13 - i)
	}
	return fmt.Sprintf("%02d", sum%100)
}

// ripKey is the key of branch and account: 97 less what a hundred times their number leaves when divided by 97 (Bank of Algeria,
// instruction 06-2004; the bank's own three digits do not count).
func ripKey(figures string) string {
	n, _ := new(big.Int).SetString(figures+"00", 10)
	return fmt.Sprintf("%02d", 97-new(big.Int).Mod(n, big.NewInt(97)).Int64())
}
