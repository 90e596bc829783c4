package telegram

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// pooledBody is the largest buffer in bytes that is kept for the next request.
const pooledBody = 256 << 10

// errBodyClosed is what a transport gets that reads on after it closed the body.
var errBodyClosed = errors.New("request body is closed")

// bodies hands out payloads whose buffers are used again.
type bodies struct{ pool sync.Pool }

// fill drains r into a payload.
func (b *bodies) fill(r io.Reader) (*payload, error) {
	buf, ok := b.pool.Get().(*bytes.Buffer)
	if !ok {
		buf = &bytes.Buffer{}
	}
	p := &payload{buf: buf, open: 1, free: b.give}
	if _, err := buf.ReadFrom(r); err != nil {
		p.done()
		return nil, err
	}
	return p, nil
}

// give takes a buffer back. It may have held a code, so it is wiped first.
func (b *bodies) give(buf *bytes.Buffer) {
	if buf.Cap() > pooledBody {
		return
	}
	clear(buf.Bytes())
	buf.Reset()
	b.pool.Put(buf)
}

// payload is a request body that can be read again. A transport may still read after the call has returned, so the buffer goes
// back to the pool only when the call and every reader are done with it.
type payload struct {
	mu     sync.Mutex
	buf    *bytes.Buffer
	open   int  // readers not closed, and the call itself
	handed bool // some reader gave out the last byte: the request may have reached the server
	free   func(*bytes.Buffer)
}

func (p *payload) size() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int64(p.buf.Len())
}

// sent tells whether the server may have seen the whole request. A request cut short has no effect, for its length is announced.
func (p *payload) sent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.handed
}

// reader starts over from the first byte.
func (p *payload) reader() io.ReadCloser {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open++
	return &payloadReader{p: p}
}

// done says that the call itself needs the payload no more.
func (p *payload) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop()
}

func (p *payload) drop() {
	p.open--
	if p.open == 0 {
		p.free(p.buf)
		p.buf = nil
	}
}

type payloadReader struct {
	p      *payload
	at     int
	closed bool
}

// Read copies under the payload's lock: a transport may close the body while another goroutine of it reads.
func (r *payloadReader) Read(b []byte) (int, error) {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.closed {
		return 0, errBodyClosed
	}
	rest := r.p.buf.Bytes()[r.at:]
	n := copy(b, rest)
	r.at += n
	if n == len(rest) {
		r.p.handed = true
		if n == 0 {
			return 0, io.EOF
		}
	}
	return n, nil
}

// Close gives the reader back; only the first call counts.
func (r *payloadReader) Close() error {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.p.drop()
	}
	return nil
}
