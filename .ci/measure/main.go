// Command measure prints the measuring table: what the built program does beside a peer or a limit that is measured in the same run.
// .ci/bench builds both and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// bench is one run.
type bench struct {
	binary string // the built program
	dir    string // for everything that is written
	redis  *server
	short  bool
	aloud  bool // tells what every tap asks of Redis
	told   time.Time
}

func main() {
	binary := flag.String("binary", "", "the built program")
	short := flag.Bool("short", false, "small numbers: less than 50 seconds")
	aloud := flag.Bool("v", false, "tell what each tap asks of Redis")
	only := flag.String("only", "", "rows to measure, by the names in the code, with commas; all when empty")
	role := flag.String("role", "", "echo: be the peer")
	api := flag.String("api", "", "of the echo: the Bot API's address")
	addr := flag.String("addr", "", "of the echo: where its webhook listens; empty for polling")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *role == "echo" {
		err = echo(ctx, os.Getenv("ECHO_TOKEN"), *api, *addr)
	} else {
		err = measure(ctx, bench{binary: *binary, short: *short, aloud: *aloud}, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measure runs the rows and prints the table.
func measure(ctx context.Context, b bench, only string) (err error) {
	// Telegram keeps its connections to a webhook; a client of Go keeps two by itself. This process is Telegram, for both bots.
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t.MaxIdleConnsPerHost = outstanding
	}
	dir, err := os.MkdirTemp("", "measure")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b.dir, b.told = dir, time.Now()
	if b.redis, err = startRedis(ctx, dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.redis.stop()) }()
	rows, err := b.rows(ctx, only)
	if err != nil {
		return err
	}
	wrong, err := printTable(os.Stdout, rows)
	if err == nil && wrong > 0 {
		err = fmt.Errorf("%d of %d rows fall short", wrong, len(rows))
	}
	return err
}

// tell says on the side how long a part took.
func (b *bench) tell(what string) {
	fmt.Fprintf(os.Stderr, "%-10s %4.1f s\n", what, time.Since(b.told).Seconds())
	b.told = time.Now()
}
