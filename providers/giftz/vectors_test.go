package giftz

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"cardrop/providers"

	"github.com/google/go-cmp/cmp"
)

// vectors are known answers made with PHP and checked with Node: checksums, encrypted data and answers.
type vectors struct {
	Buy []struct {
		Name      string `json:"name"`
		UserName  string `json:"user_name"`
		TransID   string `json:"trans_id"`
		VoucherID string `json:"voucher_id"`
		Quantity  int    `json:"quantity"`
		SecureKey string `json:"secure_key"`
		Time      int64  `json:"time"`
		Checksum  string `json:"checksum"`
	} `json:"checksum_buy_voucher"`
	Catalog []struct {
		Name      string `json:"name"`
		UserName  string `json:"user_name"`
		SecureKey string `json:"secure_key"`
		Time      int64  `json:"time"`
		Checksum  string `json:"checksum"`
	} `json:"checksum_get_available_vouchers"`
	OK      []sealed `json:"secure_data_ok"`
	Bad     []sealed `json:"secure_data_error"`
	Garbage []sealed `json:"secure_data_garbage"`
	Answers struct {
		Password string   `json:"password"`
		Cases    []answer `json:"cases"`
	} `json:"responses"`
}

type sealed struct {
	Name         string `json:"name"`
	Password     string `json:"password"`
	SecureData   string `json:"secure_data"`
	PlaintextHex string `json:"plaintext_hex"`
	ReturnsHex   string `json:"decrypt_returns_hex"`
	Parse        string `json:"expect_json_parse"`
}

type answer struct {
	Name     string `json:"name"`
	Body     string `json:"body"`
	Outcome  string `json:"outcome"`
	Vouchers int    `json:"vouchers"`
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/giftz_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	counts := []int{len(v.Buy), len(v.Catalog), len(v.OK), len(v.Bad), len(v.Garbage), len(v.Answers.Cases)}
	if diff := cmp.Diff([]int{11, 3, 18, 20, 2, 14}, counts); diff != "" {
		t.Fatalf("vectors are not whole (-want +got):\n%s", diff)
	}
	return v
}

func TestChecksumVectors(t *testing.T) {
	v := readVectors(t)
	for _, c := range v.Buy {
		client := &Client{o: Options{UserName: c.UserName, SecureKey: providers.NewSecret(c.SecureKey)}}
		p := providers.Placement{Ref: c.TransID, SKU: c.VoucherID, Quantity: c.Quantity}
		if got := client.buyChecksum(p, time.Unix(c.Time, 0)); got != c.Checksum {
			t.Errorf("buy %s: got %s, want %s", c.Name, got, c.Checksum)
		}
	}
	for _, c := range v.Catalog {
		client := &Client{o: Options{UserName: c.UserName, SecureKey: providers.NewSecret(c.SecureKey)}}
		if got := client.catalogChecksum(time.Unix(c.Time, 0)); got != c.Checksum {
			t.Errorf("catalog %s: got %s, want %s", c.Name, got, c.Checksum)
		}
	}
}

func TestDecryptVectors(t *testing.T) {
	v := readVectors(t)
	for _, c := range v.OK {
		got, err := decrypt(providers.NewSecret(c.Password), c.SecureData)
		if err != nil || hex.EncodeToString(got) != c.PlaintextHex {
			t.Errorf("%s: got %x, error %v; want %s", c.Name, got, err, c.PlaintextHex)
		}
	}
	for _, c := range v.Bad {
		if got, err := decrypt(providers.NewSecret(c.Password), c.SecureData); err != errSealed { //nolint:errorlint // one bare error for all
			t.Errorf("%s: got %x, error %v; want %v", c.Name, got, err, errSealed)
		}
	}
	for _, c := range v.Garbage {
		got, err := decrypt(providers.NewSecret(c.Password), c.SecureData)
		if err != nil || hex.EncodeToString(got) != c.ReturnsHex {
			t.Errorf("%s: got %x, error %v; want %s", c.Name, got, err, c.ReturnsHex)
		}
		client := &Client{o: Options{Password: providers.NewSecret(c.Password)}}
		_, err = client.secureOf(voucher{Secure: text(c.SecureData)})
		if (err != nil) != (c.Parse == "error") {
			t.Errorf("%s: content read with error %v, want %s", c.Name, err, c.Parse)
		}
	}
}

// outcome is what Place made of an answer, in the vectors' words.
func outcome(f providers.Fulfillment, err error) string {
	if reason, no := providers.Refused(err); no {
		return map[providers.Reason]string{
			providers.OutOfStock: "refused_out_of_stock", providers.NoFunds: "refused_no_funds",
			providers.Misused: "refused_bad_request", providers.Blocked: "refused_config",
		}[reason]
	}
	switch {
	case err != nil:
		return "in_doubt"
	case f.Fault != providers.NoFault:
		return "review"
	case f.State == providers.Fulfilled:
		return "delivered"
	}
	return string(f.State)
}

func TestAnswerVectors(t *testing.T) {
	v := readVectors(t)
	for _, c := range v.Answers.Cases {
		for _, status := range []int{200, 400, 500} {
			p := providers.Placement{Ref: "T-1", SKU: "G0001_GZ", Quantity: max(c.Vouchers, 1)}
			if c.Outcome == "review" {
				p.Quantity = 2
			}
			f, err := answering(t, status, c.Body, v.Answers.Password).Place(t.Context(), p)
			want := c.Outcome
			if want == "delivered_replay" {
				want = "delivered"
			}
			if got := outcome(f, err); got != want {
				t.Errorf("%s with HTTP %d: got %s (%v), want %s", c.Name, status, got, err, want)
			}
			if len(f.Cards) != c.Vouchers {
				t.Errorf("%s: %d cards, want %d", c.Name, len(f.Cards), c.Vouchers)
			}
		}
	}
}

// answering is a client whose supplier gives one and the same answer to buy-voucher and no catalog.
func answering(t testing.TB, status int, body, password string) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/buy-voucher" {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	c, err := New(Options{
		UserName: testUser, SecureKey: providers.NewSecret(testKey), Password: providers.NewSecret(password), BaseURL: s.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
