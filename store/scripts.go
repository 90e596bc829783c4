package store

import (
	"context"
	"embed"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var sources embed.FS

// load puts the prelude and the table of states before every script.
func load() (map[string]*redis.Script, error) {
	prelude, err := sources.ReadFile("lua/prelude.lua")
	if err != nil {
		return nil, fmt.Errorf("read prelude: %w", err)
	}
	files, err := sources.ReadDir("lua")
	if err != nil {
		return nil, fmt.Errorf("read scripts: %w", err)
	}
	scripts := map[string]*redis.Script{}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".lua")
		if name == "prelude" {
			continue
		}
		text, err := sources.ReadFile(path.Join("lua", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("read script %s: %w", name, err)
		}
		head := string(prelude)
		if name == "settle" {
			head += edgesInLua()
		}
		scripts[name] = redis.NewScript(head + string(text))
	}
	return scripts, nil
}

// run calls a script; its first argument is always the clock's offset. The answer is an array of strings.
func (s *Store) run(ctx context.Context, name string, keys []string, args ...any) ([]string, error) {
	if err := s.failpoint(ctx, name, "before"); err != nil {
		return nil, err
	}
	args = append([]any{strconv.FormatInt(s.offset().Milliseconds(), 10)}, args...)
	out, err := s.eval(ctx, name, keys, args)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	if err := s.failpoint(ctx, name, "after"); err != nil {
		return nil, err
	}
	return out, nil
}

// word runs a script whose answer begins with a word.
func (s *Store) word(ctx context.Context, name string, keys []string, args ...any) (string, []string, error) {
	out, err := s.run(ctx, name, keys, args...)
	if err != nil {
		return "", nil, err
	}
	if len(out) == 0 {
		return "", nil, fmt.Errorf("run %s: empty answer", name)
	}
	return out[0], out[1:], nil
}

func (s *Store) failpoint(ctx context.Context, name, when string) error {
	if s.o.Failpoint == nil {
		return nil
	}
	if err := s.o.Failpoint(ctx, "store."+name+"."+when); err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	return nil
}
