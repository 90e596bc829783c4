package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cardrop/store"
)

// The customers of a crowd: ids from the first one on.
const (
	crowdFirst = 72_000_000
	crowdSize  = 20
)

// crowd makes the customers, with money in their wallets.
func (w *wreck) crowd() {
	for i := range int64(crowdSize) {
		w.world.Telegram.NewUser(crowdFirst+i, fmt.Sprintf("Customer %d", i), "en")
		w.endow(crowdFirst+i, 100_000_00)
	}
}

// crew is one of several programs on the same Redis.
type crew struct {
	w    *wreck
	addr string
	log  *tape
	cmd  *exec.Cmd
}

// join starts one more program and waits until it is ready.
func (w *wreck) join(addr string, more map[string]string) *crew {
	w.t.Helper()
	path, err := breakable()
	if err != nil {
		w.t.Fatal(err)
	}
	env := map[string]string{"LISTEN_ADDR": addr}
	maps.Copy(env, more)
	c := &crew{w: w, addr: addr, log: &tape{}}
	c.cmd = w.command(path, env)
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	if err := c.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.kill)
	if !until(60*time.Second, func() bool { return ready(addr) }) {
		w.t.Fatalf("a program did not get ready:\n%s", c.log)
	}
	return c
}

func (c *crew) kill() {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Signal(syscall.SIGCONT)
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
}

// leave ends it as an operator does, and tells how long that took.
func (c *crew) leave() time.Duration {
	c.w.t.Helper()
	began := time.Now()
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	limit := time.AfterFunc(30*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer limit.Stop()
	if err := c.cmd.Wait(); err != nil {
		c.w.t.Errorf("a program ended with %v:\n%s", err, c.log)
	}
	return time.Since(began)
}

// stopped tells whether the process stands still.
func (c *crew) stopped() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	_, rest, ok := strings.Cut(string(stat), ") ")
	return err == nil && ok && strings.HasPrefix(rest, "T")
}

// TestCrashSeveral lets twenty customers buy through several programs on one Redis while each is replaced, one after the other: two that
// poll by lease, and four to whom a webhook brings updates in turn. Every order is charged once, every update counts once, nothing is lost.
// With CRASH set they buy 100 cards each way, with CRASH=full 1,000.
func TestCrashSeveral(t *testing.T) {
	t.Parallel()
	each := map[string]int{"": 2, crashFull: 50}[os.Getenv("CRASH")]
	if each == 0 {
		each = 5
	}
	t.Run("polling", func(t *testing.T) {
		t.Parallel()
		w := newShipwright(t)
		one := w.join(w.addr, nil)
		w.replaced(each, one, w.join(berth(t), nil))
	})
	t.Run("webhook", func(t *testing.T) {
		t.Parallel()
		w, b := newShipwright(t), newSwitchboard(t)
		maps.Copy(w.env, b.settings())
		crews, addrs := []*crew{w.join(w.addr, nil)}, []string{w.addr}
		for range 3 {
			c := w.join(berth(t), nil)
			crews, addrs = append(crews, c), append(addrs, c.addr)
		}
		b.serve(addrs...)
		w.replaced(each, crews...)
		for _, addr := range addrs {
			if b.took(addr) == 0 {
				t.Errorf("%s took no update", addr)
			}
		}
	})
}

// replaced has the crowd buy through all programs while each is ended and started again, and checks what is promised.
func (w *wreck) replaced(each int, crews ...*crew) {
	t, all := w.t, each*crowdSize
	t.Helper()
	w.crowd()
	w.also = crews[1].addr
	code := (&human{wreck: w, id: omar}).code("S0001_GZ")
	made := make(chan struct{}, all)
	var load sync.WaitGroup
	for i := range int64(crowdSize) {
		load.Go(func() {
			for n := range each {
				if err := w.orders(crowdFirst+i, code, n+1); err != nil {
					t.Errorf("customer %d: %v", i, err)
					return
				}
				made <- struct{}{}
			}
		})
	}
	for range all / 3 {
		<-made
	}
	for i, c := range crews {
		if took := c.leave(); took > 12*time.Second {
			t.Errorf("program %d took %s to end", i, took)
		}
		crews[i] = w.join(c.addr, nil)
	}
	load.Wait()
	if err := w.still(t.Context()); err != nil {
		t.Error(err)
	}
	for _, broken := range w.promised(t.Context(), unopened) {
		t.Error(broken)
	}
	if n := len(w.world.GiftZ.Sold()); n != all {
		t.Errorf("%d cards were bought, want %d", n, all)
	}
	if t.Failed() {
		for _, c := range crews {
			t.Log(c.log)
		}
	}
	t.Logf("%d orders by %d customers through %d programs, each replaced meanwhile: %d charged calls", all, crowdSize, len(crews),
		len(w.world.GiftZ.Sold()))
}

// newShipwright is a world whose programs the test starts itself.
func newShipwright(t *testing.T) *wreck {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("no redis-server on PATH: several programs are tried with a real Redis only")
	}
	return newShipyard(t, nil)
}

// orders makes a customer's n-th order.
func (w *wreck) orders(user int64, code string, n int) error {
	h := &human{wreck: w, id: user}
	return h.pursue([]move{{label: "Confirm – pay"}}, "/buy "+code+" 1", 120*time.Second, func() bool {
		list, _, err := w.memory.OrdersOf(w.t.Context(), user, 0, 100)
		return err == nil && len(list) >= n
	})
}

// TestCrashPaused stops a program right before its purchase request is written, lets its lease end and another program take over, and
// wakes it: its request is not sent, its writes are refused, and the card was bought once.
func TestCrashPaused(t *testing.T) {
	t.Parallel()
	w := newShipwright(t)
	w.endow(omar, 100_000_00)
	sleeper := w.join(w.addr, map[string]string{"FAILPOINT": "supplier.giftz.write:1:stop"})
	code := (&human{wreck: w, id: omar}).code("S0001_GZ")
	buyer := &human{wreck: w, id: omar}
	if err := buyer.pursue([]move{{label: "Confirm – pay"}}, "/buy "+code+" 1", 60*time.Second, sleeper.stopped); err != nil {
		t.Fatal(err)
	}
	if n := len(w.world.GiftZ.Sold()); n != 0 {
		t.Fatalf("%d cards were bought before the request was written", n)
	}
	w.advance(70 * time.Second)
	other := w.join(berth(t), nil)
	w.also = other.addr
	var order store.Order
	final := until(60*time.Second, func() bool {
		list, _, err := w.memory.OrdersOf(t.Context(), omar, 0, 2)
		if err == nil && len(list) == 1 {
			order = list[0]
		}
		return order.State.Final()
	})
	if !final || order.State != store.Fulfilled {
		t.Fatalf("the other program left the order %s:\n%s", order.State, other.log)
	}
	calls := len(w.world.GiftZ.Calls())
	_ = sleeper.cmd.Process.Signal(syscall.SIGCONT)
	if !until(patience, func() bool { return strings.Contains(sleeper.log.String(), store.ErrFenced.Error()) }) {
		t.Errorf("nobody refused the late writes:\n%s", sleeper.log)
	}
	for _, call := range w.world.GiftZ.Calls()[calls:] {
		if call.TransID != "" {
			t.Errorf("a late purchase call was sent: %s", call.TransID)
		}
	}
	after, err := w.memory.Order(t.Context(), order.ID)
	if err != nil || after.State != order.State || after.Captured != order.Captured || after.Placements[0].Fence != order.Placements[0].Fence {
		t.Errorf("the late writes changed the order: %+v, %v", after, err)
	}
	if err := buyer.receives(scenario{}); err != nil {
		t.Error(err)
	}
	if err := w.still(t.Context()); err != nil {
		t.Error(err)
	}
	w.deaths = append(w.deaths, w.clock()) // presses may have waited for the sleeper
	for _, broken := range w.promises(t.Context()) {
		t.Error(broken)
	}
	sleeper.leave()
	other.leave()
}
