package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documented is a setting's default by name, as a document tells it.
type documented map[string]string

// inExample reads .env.example: NAME= for what has to be filled in, #NAME=default for the rest.
func inExample(text string) documented {
	all := documented{}
	for _, m := range regexp.MustCompile(`(?m)^#?([A-Z][A-Z0-9_]*)=(.*)$`).FindAllStringSubmatch(text, -1) {
		if _, twice := all[m[1]]; twice {
			all[m[1]+" (twice)"] = ""
		}
		all[m[1]] = m[2]
	}
	return all
}

// inTable reads the rows | `NAME` | `default` | … | of the README's settings.
func inTable(text string) documented {
	all := documented{}
	_, text, _ = strings.Cut(text, "\n## Settings\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z][A-Z0-9_]*)` \\| ([^|]*) \\|").FindAllStringSubmatch(text, -1) {
		if _, twice := all[m[1]]; twice {
			all[m[1]+" (twice)"] = ""
		}
		all[m[1]] = strings.Trim(strings.Trim(m[2], "–"), "`")
	}
	return all
}

// inConfig is what the program reads.
func inConfig() documented {
	all := documented{}
	for _, s := range settings() {
		all[s.name] = s.fallback
	}
	return all
}

// TestSettingsAreDocumented compares names and defaults of the three places in which a setting stands.
func TestSettingsAreDocumented(t *testing.T) {
	files := texts(t)
	if diff := cmp.Diff(inConfig(), inExample(files[".env.example"])); diff != "" {
		t.Errorf(".env.example (-Config +file):\n%s", diff)
	}
	if diff := cmp.Diff(inConfig(), inTable(files["README.md"])); diff != "" {
		t.Errorf("README.md (-Config +table):\n%s", diff)
	}
}

func TestRequiredSettingsAreOpenInTheExample(t *testing.T) {
	text := texts(t)[".env.example"]
	for _, s := range settings() {
		if open := strings.Contains(text, "\n"+s.name+"="); open != s.required {
			t.Errorf("%s: required is %v, a line without # is %v", s.name, s.required, open)
		}
	}
}

func TestDocumentsAreReadRight(t *testing.T) {
	want := documented{"A": "", "B_2": "x y"}
	if diff := cmp.Diff(want, inExample("# text A=1\nA=\n#B_2=x y\n# C=\n")); diff != "" {
		t.Errorf("example (-want +got):\n%s", diff)
	}
	table := "x\n## Settings\n\n| name | default | meaning |\n| `A` | – | text `Z` |\n| `B_2` | `x y` | text |\n\n## Other\n| `C` | – | |\n"
	if diff := cmp.Diff(want, inTable(table)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(documented{"A": "2", "A (twice)": ""}, inExample("A=1\nA=2\n")); diff != "" {
		t.Errorf("repeated (-want +got):\n%s", diff)
	}
}

// TestReadmeCommands holds the two commands that README promises, and that the checks run the very same.
func TestReadmeCommands(t *testing.T) {
	files := texts(t)
	for name, commands := range map[string][]string{
		"README.md": {"go run ./bot demo", "go test ./...", "go run ./bot keygen"},
		".ci/run":   {"go test ./...", "go test -race ./..."},
	} {
		for _, c := range commands {
			if !strings.Contains(files[name], c) {
				t.Errorf("%s does not hold %q", name, c)
			}
		}
	}
}
