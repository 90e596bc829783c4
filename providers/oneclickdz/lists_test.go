package oneclickdz

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"cardrop/providers"

	"github.com/google/go-cmp/cmp"
)

// TestOddLists reads lists that a simulator with a truth of its own would not give.
func TestOddLists(t *testing.T) {
	at := time.Date(2030, time.March, 4, 10, 0, 0, 0, time.UTC)
	item := func(id, rest string) string {
		return fmt.Sprintf(`{"_id":"%s","product":"p","type":"t","quantity":2,"status":"HANDLING","time":"2030-03-04T10:00:01.000Z"%s}`, id, rest)
	}
	page := func(items, pagination string) string {
		return `{"success":true,"data":{"items":[` + items + `]` + pagination + `}}`
	}
	total := func(pages, results int) string {
		return fmt.Sprintf(`,"pagination":{"totalPages":%d,"totalResults":%d}`, pages, results)
	}
	for name, c := range map[string]struct {
		pages []string
		want  []string // handles; nil for an unknown outcome
	}{
		"nothing":                      {[]string{page("", total(0, 0))}, []string{}},
		"no pagination":                {[]string{page(item("a", ""), "")}, []string{"a"}},
		"pushed to a later page":       {[]string{page(item("b", "")+","+item("a", ""), total(2, 3)), page(item("a", "")+","+item("c", ""), total(2, 3))}, []string{"b", "a", "c"}},
		"outside of the window":        {[]string{page(item("a", "")+`,{"_id":"b","product":"p","type":"t","quantity":2,"status":"X","time":"2030-03-04T11:00:00Z"}`, "")}, []string{"a"}},
		"an odd order of another line": {[]string{page(item("a", "")+`,{"product":"q","time":7}`, "")}, []string{"a"}},
		"an odd order of this line":    {[]string{page(item("a", "")+`,{"product":"p","type":"t","quantity":2,"status":"X"}`, "")}, nil},
		"an order that is no order":    {[]string{page(item("a", "")+`,"x"`, "")}, nil},
		"fewer than counted":           {[]string{page(item("a", ""), total(1, 2))}, nil},
		"an empty page in the middle":  {[]string{page(item("a", ""), total(3, 3)), page("", total(3, 3))}, nil},
		"pagination of no numbers":     {[]string{page(item("a", ""), `,"pagination":{"totalPages":"many"}`)}, nil},
		"pages without end":            {[]string{page(item("a", ""), total(1_000_000, 1))}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, c.pages[min(calls, len(c.pages)-1)])
				calls++
			}))
			t.Cleanup(server.Close)
			client, err := New(Options{AccessToken: providers.NewSecret("k"), BaseURL: server.URL, Now: func() time.Time { return at }})
			if err != nil {
				t.Fatal(err)
			}
			found, err := client.GiftCards().Find(t.Context(), providers.Placement{SKU: "p/t", Quantity: 2}, at, at.Add(time.Minute))
			if c.want == nil {
				if !errors.Is(err, providers.ErrUnknown) || found != nil {
					t.Errorf("got %v, error %v; want unknown", found, err)
				}
				return
			}
			got := []string{}
			for _, f := range found {
				got = append(got, f.Handle)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("error %v, handles (-want +got):\n%s", err, diff)
			}
		})
	}
}
