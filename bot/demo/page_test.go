package demo

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pageTexts are the files of the page.
func pageTexts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(pageFiles, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := pageFiles.ReadFile(name)
		all[path.Base(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPageKeepsTheHouse holds every file of the page to the rules: short, nothing from elsewhere, no HTML written by scripts, and
// everything it loads is there.
func TestPageKeepsTheHouse(t *testing.T) {
	all := pageTexts(t)
	loads := regexp.MustCompile(`(?:from "\./|(?:src|href)=")([^"]+)"`)
	loaded := map[string]bool{"index.html": true}
	for name, text := range all {
		if n := strings.Count(text, "\n"); n > 300 {
			t.Errorf("%s has %d lines", name, n)
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "@import", "url(", "localStorage"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s uses %s", name, bad)
			}
		}
		if strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/", ""), "://") {
			t.Errorf("%s names another host", name)
		}
		for _, m := range loads.FindAllStringSubmatch(text, -1) {
			loaded[m[1]] = true
			if all[m[1]] == "" {
				t.Errorf("%s loads %s, which is not there", name, m[1])
			}
		}
	}
	for name := range all {
		if !loaded[name] {
			t.Errorf("nothing loads %s", name)
		}
	}
}

// pageWord finds the keys of the page's words, and the values they name.
var pageWord = regexp.MustCompile(`(?m)(?:^|[ ,{])"?([a-z][\w.-]*)"?: "((?:[^"\\]|\\.)*)"`)

// TestPageSpeaksEveryLanguage compares the page's words in its languages: the same keys, the same values named, none empty.
func TestPageSpeaksEveryLanguage(t *testing.T) {
	all := pageTexts(t)
	named := regexp.MustCompile(`\{\w+\}`)
	read := func(language string) map[string][]string {
		words := map[string][]string{}
		for _, m := range pageWord.FindAllStringSubmatch(all["words."+language+".js"], -1) {
			if strings.TrimSpace(m[2]) == "" {
				t.Errorf("%s: %s is empty", language, m[1])
			}
			values := named.FindAllString(m[2], -1)
			slices.Sort(values)
			words[m[1]] = values
		}
		return words
	}
	english := read("en")
	if len(english) < 100 {
		t.Fatalf("only %d words were read", len(english))
	}
	for _, language := range []string{"fr", "ar"} {
		if diff := cmp.Diff(english, read(language)); diff != "" {
			t.Errorf("%s (-en +%s):\n%s", language, language, diff)
		}
	}
	for _, d := range (&World{}).desks() {
		if _, ok := english["note."+d.name]; !ok {
			t.Errorf("nothing is said beside the switches of %s", d.name)
		}
		for _, l := range d.levers {
			if _, ok := english["switch."+l.name]; !ok {
				t.Errorf("the switch %s has no word", l.name)
			}
			if _, ok := english["switch."+l.name+".why"]; !ok {
				t.Errorf("the switch %s is not explained", l.name)
			}
		}
	}
}
