package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"runtime"
	"strings"
	"unicode"

	"github.com/joho/godotenv"
)

const (
	envFile    = ".env"  // beside the working directory; optional
	fileSuffix = "_FILE" // <NAME>_FILE names a file that holds the value of the secret <NAME>
	maxSecret  = 4096    // bytes of such a file
)

// loadSettings reads the file of settings, where there is one, and lays the process environment over it. Its error names
// whatever is wrong in both at once.
func loadSettings(file string, environ []string) (Config, error) {
	merged, wrong := readEnvironment(file, environ)
	c, err := LoadConfig(merged)
	if wrong == "" {
		return c, err
	}
	e := &ConfigError{}
	_ = errors.As(err, &e)
	e.add(envFile, wrong)
	return Config{}, e
}

// readEnvironment merges a file of settings with the process environment, which wins where it is not empty. It also says what
// is wrong with the file, without quoting it.
func readEnvironment(file string, environ []string) (merged map[string]string, wrong string) {
	merged, err := godotenv.Read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		merged = map[string]string{}
	case err != nil: // the parser's text quotes the file
		merged, wrong = map[string]string{}, "cannot be read; each line is NAME=value, values with # or $ stand in single quotes"
	case holdsSecret(merged) && exposed(file):
		wrong = "holds secrets and every user of this machine may read it; run: chmod 600 " + envFile
	}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && value != "" {
			merged[name] = value
		}
	}
	return merged, wrong
}

// holdsSecret tells whether a secret setting has a value.
func holdsSecret(environ map[string]string) bool {
	for _, s := range settings() {
		if s.secret() && environ[s.name] != "" {
			return true
		}
	}
	return false
}

// exposed tells whether users other than the owner and the group may read or write a file. Windows has no such bits.
func exposed(file string) bool {
	info, err := os.Stat(file)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0
}

// resolve trims all values, drops empty ones, evens out lists and reads secrets from their files.
func (e *ConfigError) resolve(environ map[string]string) map[string]string {
	clean := maps.Clone(environ)
	if clean == nil {
		clean = map[string]string{}
	}
	for _, s := range settings() {
		value := strings.TrimSpace(clean[s.name])
		file := strings.TrimSpace(clean[s.name+fileSuffix])
		switch {
		case file == "":
		case !s.secret():
			e.add(s.name, "cannot come from a file, only secrets can")
		case value != "":
			e.add(s.name, "set twice, as "+s.name+" and as "+s.name+fileSuffix+": keep one")
		default:
			value = e.readSecret(s.name, file)
		}
		if s.field.Type.Kind() == reflect.Slice {
			value = strings.Join(strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }), ",")
		}
		if value == "" {
			delete(clean, s.name)
			continue
		}
		clean[s.name] = value
	}
	return clean
}

// readSecret reads the file of one secret. The path is not quoted: it is easy to put the secret itself there.
func (e *ConfigError) readSecret(name, file string) string {
	if exposed(file) {
		e.add(name, "the file named by "+name+fileSuffix+" may be read by every user: run chmod 600 on it "+
			"(in a container: owner 65532, or mode 0440 with its group)")
		return ""
	}
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSecret {
		e.add(name, "the file named by "+name+fileSuffix+" is missing, too long or no file")
		return ""
	}
	text, err := os.ReadFile(file)
	if err != nil {
		e.add(name, "the file named by "+name+fileSuffix+" may not be read by this program's user")
		return ""
	}
	if strings.TrimSpace(string(text)) == "" {
		e.add(name, "the file named by "+name+fileSuffix+" is empty")
	}
	return strings.TrimSpace(string(text))
}
