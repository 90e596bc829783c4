package telegram

import (
	"context"
	"errors"
	"sync"
)

// Refusals of the lanes.
var (
	errBusy   = errors.New("too much work is waiting")
	errChat   = errors.New("too much work of this chat is waiting")
	errClosed = errors.New("no more work is taken")
)

// job is a piece of a chat's work. behind tells how many jobs of the chat wait after it.
type job func(ctx context.Context, behind func() int)

// lanes run the jobs of one chat in order and those of different chats side by side. A lane is a goroutine that lives as long as
// its chat has work. What waits is bounded, in all and for each chat, so that a flood meets a closed door and not our memory.
type lanes struct {
	most    int // jobs waiting or running, in all
	perChat int

	mu      sync.Mutex
	lanes   map[int64][]waiting
	total   int
	closed  bool
	closing chan struct{} // closed when no more work is taken
	running map[int64]context.CancelFunc
	idle    chan struct{} // closed when the last lane ended after closing
}

// waiting is a job in line. Its context has the values of the caller's and an end of its own.
type waiting struct {
	begin func() (context.Context, context.CancelFunc)
	run   job
}

func newLanes(most, perChat int) *lanes {
	return &lanes{
		most: most, perChat: perChat, lanes: map[int64][]waiting{}, running: map[int64]context.CancelFunc{},
		closing: make(chan struct{}), idle: make(chan struct{}),
	}
}

// submit puts a job at the end of its chat's lane. The job gets a context of its own that outlives the caller's. It fails with
// errBusy, errChat or errClosed.
func (l *lanes) submit(ctx context.Context, chat int64, run job) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	line, active := l.lanes[chat]
	switch {
	case l.closed:
		return errClosed
	case l.total >= l.most:
		return errBusy
	case len(line) >= l.perChat:
		return errChat
	}
	l.total++
	begin := func() (context.Context, context.CancelFunc) { return context.WithCancel(context.WithoutCancel(ctx)) }
	l.lanes[chat] = append(line, waiting{begin, run})
	if !active {
		go l.work(chat)
	}
	return nil
}

// work runs a lane until nothing is left in it.
func (l *lanes) work(chat int64) {
	for {
		w, ctx, ok := l.next(chat)
		if !ok {
			return
		}
		w.run(ctx, func() int { return l.behind(chat) })
		l.finish(chat)
	}
}

func (l *lanes) next(chat int64) (waiting, context.Context, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.lanes[chat]
	if len(line) == 0 {
		delete(l.lanes, chat)
		if l.closed && len(l.lanes) == 0 {
			close(l.idle)
		}
		return waiting{}, nil, false
	}
	ctx, cancel := line[0].begin()
	l.running[chat] = cancel
	return line[0], ctx, true
}

// finish takes the job out only now, so that what runs counts as waiting too.
func (l *lanes) finish(chat int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running[chat]()
	delete(l.running, chat)
	l.lanes[chat] = l.lanes[chat][1:]
	l.total--
}

func (l *lanes) behind(chat int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(len(l.lanes[chat])-1, 0)
}

// close takes no more work; what is there is still done.
func (l *lanes) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	close(l.closing)
	if len(l.lanes) == 0 {
		close(l.idle)
	}
}

// drain waits until the lanes are empty; it returns false when ctx ends first, after ending the contexts of what still runs.
func (l *lanes) drain(ctx context.Context) bool {
	select {
	case <-l.idle:
		return true
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, cancel := range l.running {
		cancel()
	}
	return false
}
