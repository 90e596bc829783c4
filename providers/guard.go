package providers

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// guard watches one call's connection: whether anything was written, and that nothing is written late.
type guard struct {
	ctx  context.Context //nolint:containedctx // the connection's Write has no parameter for it
	wire *Wire
	call Call
	any  atomic.Bool
}

// wrote tells whether a byte of the request may have left.
func (g *guard) wrote() bool { return g.any.Load() }

// gotConn puts the guard on the connection the request will be written to.
func (g *guard) gotConn(info httptrace.GotConnInfo) {
	conn := info.Conn
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if c, ok := conn.(*guardedConn); ok {
		c.fresh.Store(true)
		c.guard.Store(g)
		return
	}
	g.any.Store(true) // a connection that cannot be watched counts as written to
}

// guardedConn lets each write of a request pass only while its send-by time lasts. A process that was stopped and goes on
// later fails here, right before the bytes would leave.
type guardedConn struct {
	net.Conn
	guard atomic.Pointer[guard]
	fresh atomic.Bool // nothing of the present request was written on this connection yet
}

// Write refuses with ErrLate before the first byte of a request whose send-by time has passed.
func (c *guardedConn) Write(p []byte) (int, error) {
	g := c.guard.Load()
	if g == nil {
		return c.Conn.Write(p)
	}
	// The check is made once for each connection: a request that failed unsent on one may be written on another, later.
	if c.fresh.Load() && g.call.Buys {
		if f := g.wire.o.Failpoint; f != nil {
			if err := f(g.ctx, "supplier."+g.wire.o.Name+".write"); err != nil {
				return 0, err
			}
		}
		if by := g.call.SendBy; !by.IsZero() && g.wire.o.Now().After(by) {
			return 0, ErrLate // and so is whatever a closing connection would still say
		}
	}
	c.fresh.Store(false)
	g.any.Store(true)
	return c.Conn.Write(p)
}
