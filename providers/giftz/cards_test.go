package giftz

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cardrop/providers"

	"github.com/google/go-cmp/cmp"
)

// seal is a voucher's encrypted part as the documents describe it, with a fixed iv.
func seal(t testing.TB, password, content string) string {
	t.Helper()
	return encryptCBC(t, password, []byte(content))
}

func TestCardOfEveryContent(t *testing.T) {
	for _, c := range []struct {
		name, custom, secure string
		announced            fields
		want                 []string // code, serial, extras
		fault                providers.Fault
	}{
		{name: "unknown keys are kept in the order of the wire", custom: `"{\"z\":\"1\",\"serial\":\"S\",\"a\":\"2\"}"`,
			secure: `{"pin":"0042","code":"C","b":"3"}`, want: []string{"C", "S", "z=1", "a=2", "pin=0042", "b=3"}},
		{name: "other values are kept as their JSON", custom: `{"n":1.50,"t":true,"o":{"k":[1, 2]},"e":""}`,
			secure: `{"code":12345678901234567890,"x":null}`, want: []string{"12345678901234567890", "", "n=1.50", "t=true", `o={"k":[1, 2]}`, "e=", "x=null"}},
		{name: "a link is enough", custom: `null`, secure: `{"url":"https://x.example/1"}`, want: []string{"", "", "url=https://x.example/1"}},
		{name: "an empty text of custom data", custom: `""`, secure: `{"code":"C"}`, want: []string{"C", ""}},
		{name: "PHP's empty object", custom: `[]`, secure: `{"code":"C"}`, want: []string{"C", ""}},
		{name: "escapes", custom: `{}`, secure: `{"code":"M\u00e3 1\/2"}`, want: []string{"Mã 1/2", ""}},
		{name: "the secure code comes first", custom: `{"code":"public"}`, secure: `{"code":"C","serial":"S"}`, want: []string{"C", "S", "code=public"}},
		{name: "code in custom data", custom: `{"code":"C"}`, secure: `{"pin":"1"}`, want: []string{"C", "", "pin=1"}},
		{name: "neither code nor link", custom: `{}`, secure: `{"pin":"1"}`, want: []string{"", "", "pin=1"}, fault: providers.MissingKey},
		{name: "a code of a wrong type is no code", custom: `{}`, secure: `{"code":{"a":1}}`, want: []string{"", "", `code={"a":1}`}, fault: providers.MissingKey},
		{name: "an announced secret key is absent", custom: `{}`, secure: `{"code":"C"}`, announced: fields{secure: []string{"code", "url"}},
			want: []string{"C", ""}, fault: providers.MissingKey},
		{name: "an announced key is null", custom: `{"serial":null}`, secure: `{"code":"C"}`, announced: fields{custom: []string{"serial"}},
			want: []string{"C", "", "serial=null"}, fault: providers.MissingKey},
		{name: "an announced common key is absent", custom: `{}`, secure: `{"code":"C"}`, announced: fields{custom: []string{"valid_date"}},
			want: []string{"C", ""}, fault: providers.MissingKey},
		{name: "a repeated key", custom: `{}`, secure: `{"code":"A","code":"B"}`, fault: providers.Unreadable},
		{name: "secure content is a list", custom: `{}`, secure: `["C"]`, fault: providers.Unreadable},
		{name: "secure content is cut", custom: `{}`, secure: `{"code":"C"`, fault: providers.Unreadable},
		{name: "secure content has a tail", custom: `{}`, secure: `{"code":"C"} {}`, fault: providers.Unreadable},
		{name: "secure content is not UTF-8", custom: `{}`, secure: "{\"code\":\"\xff\"}", fault: providers.Unreadable},
		{name: "secure content is empty", custom: `{}`, secure: ``, fault: providers.Unreadable},
		{name: "custom data is no JSON", custom: `"serial=1"`, secure: `{"code":"C"}`, fault: providers.Unreadable},
		{name: "custom data is a number", custom: `7`, secure: `{"code":"C"}`, fault: providers.Unreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"data":{"code":"200","vouchers":[{"voucher_id":%q,"custom_data":%s,"secure_data":%q}]}}`,
				grab, c.custom, seal(t, testPassword, c.secure))
			client := answering(t, 200, body, testPassword)
			client.remember(map[string]fields{grab: c.announced})
			f, err := client.Place(t.Context(), providers.Placement{Ref: "r", SKU: grab, Quantity: 1})
			if err != nil || f.Fault != c.fault || f.State != providers.Fulfilled {
				t.Fatalf("state %q, fault %q, error %v; want fault %q", f.State, f.Fault, err, c.fault)
			}
			if c.fault != providers.NoFault && f.Raw.Expose() != body {
				t.Error("the raw answer is not the whole answer")
			}
			var want [][]string
			if c.want != nil {
				want = [][]string{c.want}
			}
			if diff := cmp.Diff(want, plain(f.Cards)); diff != "" {
				t.Errorf("card (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	one := fmt.Sprintf(`{"voucher_id":%q,"custom_data":"{}","secure_data":%q}`, grab, seal(t, testPassword, `{"code":"C"}`))
	broken := fmt.Sprintf(`{"voucher_id":%q,"custom_data":"{}","secure_data":"00:00"}`, grab)
	for _, c := range []struct {
		name, count, vouchers string
		quantity, cards       int
		fault                 providers.Fault
	}{
		{"as announced", `2`, one + "," + one, 2, 2, providers.NoFault},
		{"announced as a text", `"2"`, one + "," + one, 2, 2, providers.NoFault},
		{"announced as null", `null`, one + "," + one, 2, 2, providers.NoFault},
		{"fewer than announced", `2`, one, 1, 1, providers.WrongCount},
		{"fewer than asked for", `1`, one, 2, 1, providers.WrongCount},
		{"more than asked for", `2`, one + "," + one, 1, 2, providers.WrongCount},
		{"announced nonsense", `"two"`, one, 1, 1, providers.WrongCount},
		{"none", `0`, "", 1, 0, providers.WrongCount},
		{"one of two unreadable", `2`, one + "," + broken, 2, 1, providers.Unreadable},
		{"one of two no object", `2`, one + ",7", 2, 1, providers.Unreadable},
	} {
		body := fmt.Sprintf(`{"data":{"code":"200","number_of_vouchers":%s,"vouchers":[%s]}}`, c.count, c.vouchers)
		f, err := answering(t, 200, body, testPassword).Place(t.Context(), providers.Placement{Ref: "r", SKU: grab, Quantity: c.quantity})
		if err != nil || f.Fault != c.fault || len(f.Cards) != c.cards {
			t.Errorf("%s: fault %q, %d cards, error %v; want fault %q and %d cards", c.name, f.Fault, len(f.Cards), err, c.fault, c.cards)
		}
	}
}

// Answers that contradict themselves are neither a sale nor a refusal.
func TestUnclearAnswers(t *testing.T) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `{"data":{}}`, `{"data":{"code":null}}`, `{"errors":[{"code":100}]}`, `{"errors":{"code":[100]}}`,
		`{"data":{"code":"200","vouchers":[]},"errors":{"code":100}}`, `{"errors":{"code":100,"vouchers":[{}]}}`, `{"data":{"code":"202","vouchers":"x"}}`,
		`{"errors":{"code":102}}`, `{"errors":{"code":102,"vouchers":[]}}`, `{"errors":{"code":102,"vouchers":null}}`, `{"errors":{"code":" 100"}}`,
		`{"errors":{"code":100.0}}`, `{"errors":{"code":429}}`, `{"code":100}`, `{"errors":{"code":100}} trailing`,
	} {
		f, err := answering(t, 200, body, testPassword).Place(t.Context(), providers.Placement{Ref: "r", SKU: grab, Quantity: 1})
		if got := outcome(f, err); got != "in_doubt" {
			t.Errorf("%s: %s (%v), want in_doubt", body, got, err)
		}
	}
}

func TestNamesOfFields(t *testing.T) {
	for in, want := range map[string]names{
		`"serial, valid_date"`: {"serial", "valid_date"}, `["code","url"]`: {"code", "url"}, `""`: nil, `[]`: nil, `" , code ,"`: {"code"},
		`{"a":1}`: nil, `null`: nil, `[1,null,"x"]`: {"1", "x"},
	} {
		var got names
		if err := json.Unmarshal([]byte(in), &got); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

// One line that cannot be sold does not hide the others.
func TestCatalogWithBadLines(t *testing.T) {
	body := `{"data":{"code":200,"vouchers":[
		{"voucher_id":"A","name":"a","price":"20000","publisher":"Grab"},
		{"voucher_id":"A","name":"again","price":1,"publisher":"Grab"},
		{"voucher_id":"","price":1},{"voucher_id":"B","price":0},{"voucher_id":"C","price":-5},{"voucher_id":"D","price":"1e9"},
		{"voucher_id":"E","price":{}},7,null,{"voucher_id":"` + strings.Repeat("x", 129) + `","price":1},
		{"voucher_id":12,"price":1999.5}]}}`
	client := answering(t, 200, body, testPassword)
	r, err := readReply([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.readLines(r)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, p.SKU+" "+p.Family+" "+p.Name+" "+p.Cost.String())
	}
	if diff := cmp.Diff([]string{"A Grab a 20000 VND", "12 12 12 2000 VND"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
