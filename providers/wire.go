package providers

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// WireOptions configure a Wire. The zero value of every field but Name and BaseURL has a default.
type WireOptions struct {
	Name      string                                    // the supplier's name, for errors and failpoints
	BaseURL   string                                    // https, or http on loopback
	Timeout   time.Duration                             // of a call without a send-by time; 30 s
	MaxBody   int64                                     // bytes of an answer; 8 MiB
	Now       func() time.Time                          // monotonic clock of the send-by check; time.Now
	Failpoint func(ctx context.Context, n string) error // called around every call that buys or settles; nil outside crash tests
	Transport *http.Transport                           // for tests with a certificate of their own; cloned, not changed
}

// Wire is the shared HTTP manners of the suppliers' clients: time and size limits, keep-alive, no redirects, no retries,
// errors without addresses or bodies, and the send-by check right before a request is written.
type Wire struct {
	o      WireOptions
	base   *url.URL
	client *http.Client // for what may be asked again
	buyer  *http.Client // for purchases: its connections are kept for moments only
}

// buyerIdle is how long a connection that purchases are written to is kept: one that the server closes at the same moment costs an
// unknown outcome.
const buyerIdle = 2 * time.Second

// Call is one request. A Call with Buys set may spend money; one with Settles set asks, and money moves by what it is told.
type Call struct {
	Name    string // what it does, for errors and failpoints: "buy-voucher"
	Method  string
	Path    string // joined to the base address, already escaped
	Query   url.Values
	Header  map[string]Secret
	Body    []byte
	Buys    bool
	Settles bool
	SendBy  time.Time // with Buys: nothing is written after it and the call ends by it; zero for none
}

// Answer is what a supplier's server said, whatever its status.
type Answer struct {
	Status     int
	Body       []byte
	RetryAfter time.Duration // from the Retry-After header in seconds; zero when absent
}

// ErrNotSent is wrapped when surely no byte of a request reached the supplier.
var ErrNotSent = errors.New("not sent")

// NewWire checks the base address and builds the client. It returns an error that names the supplier when the address is not
// https (http is accepted on loopback only).
func NewWire(o WireOptions) (*Wire, error) {
	base, err := url.Parse(strings.TrimRight(o.BaseURL, "/"))
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("%s: base address is not a URL; write https://host/path", o.Name)
	}
	if base.Scheme != "https" && (base.Scheme != "http" || !loopback(base.Hostname())) {
		return nil, fmt.Errorf("%s: base address must be https (http on loopback only)", o.Name)
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBody == 0 {
		o.MaxBody = 8 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	w := &Wire{o: o, base: base}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w.client = &http.Client{Transport: w.transport(20 * time.Second), CheckRedirect: stay}
	w.buyer = &http.Client{Transport: w.transport(buyerIdle), CheckRedirect: stay}
	return w, nil
}

// transport speaks HTTP/1.1 only: one request at a time on a connection lets the connection itself refuse a late write.
func (w *Wire) transport(idle time.Duration) *http.Transport {
	t := w.o.Transport
	if t == nil {
		t = &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, Proxy: http.ProxyFromEnvironment}
	} else {
		t = t.Clone()
	}
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 64, 64
	t.IdleConnTimeout = idle
	t.TLSHandshakeTimeout = 10 * time.Second
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &guardedConn{Conn: c}, nil
	}
	return t
}

// Do makes one call. An error wraps ErrNotSent (and ErrLate when the send-by time was the cause) when surely nothing was
// written, else ErrUnknown; it never carries the address, a header or the body. An answer with any status is no error.
func (w *Wire) Do(ctx context.Context, c Call) (Answer, error) {
	if err := w.failpoint(ctx, c, "before"); err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w: %w", w.o.Name, c.Name, ErrNotSent, err)
	}
	a, err := w.do(ctx, c)
	if fail := w.failpoint(ctx, c, "after"); fail != nil {
		return Answer{}, fmt.Errorf("%s %s: %w: %w", w.o.Name, c.Name, ErrUnknown, fail)
	}
	return a, err
}

func (w *Wire) do(ctx context.Context, c Call) (Answer, error) {
	limit := w.o.Timeout
	if !c.SendBy.IsZero() {
		limit = c.SendBy.Sub(w.o.Now())
		if limit <= 0 {
			return Answer{}, fmt.Errorf("%s %s: %w: %w", w.o.Name, c.Name, ErrNotSent, ErrLate)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	g := &guard{ctx: ctx, wire: w, call: c}
	req, err := w.request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: g.gotConn}), c)
	if err != nil {
		return Answer{}, err
	}
	client := w.client
	if c.Buys {
		client = w.buyer
	}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, w.broken(ctx, c, g, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, w.o.MaxBody+1))
	if err != nil {
		return Answer{}, w.broken(ctx, c, g, err)
	}
	if int64(len(body)) > w.o.MaxBody {
		return Answer{}, fmt.Errorf("%s %s: %w: answer over %d bytes", w.o.Name, c.Name, ErrUnknown, w.o.MaxBody)
	}
	return Answer{Status: resp.StatusCode, Body: body, RetryAfter: retryAfter(resp.Header)}, nil
}

func (w *Wire) request(ctx context.Context, c Call) (*http.Request, error) {
	address := w.base.String() + c.Path
	if len(c.Query) > 0 {
		address += "?" + c.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, c.Method, address, bytes.NewReader(c.Body))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: request cannot be made", w.o.Name, c.Name, ErrNotSent)
	}
	if len(c.Body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	for name, value := range c.Header {
		req.Header.Set(name, value.Expose())
	}
	return req, nil
}

// broken says what is known after a failed call, without the text of the cause: it may quote the address or the body.
func (w *Wire) broken(ctx context.Context, c Call, g *guard, err error) error {
	known := ErrUnknown
	if !g.wrote() {
		known = ErrNotSent
	}
	switch {
	case errors.Is(err, ErrLate):
		return fmt.Errorf("%s %s: %w: %w", w.o.Name, c.Name, known, ErrLate)
	case ctx.Err() != nil:
		return fmt.Errorf("%s %s: %w: %w", w.o.Name, c.Name, known, ctx.Err())
	case isTimeout(err):
		return fmt.Errorf("%s %s: %w: timed out", w.o.Name, c.Name, known)
	default:
		return fmt.Errorf("%s %s: %w: connection failed (%s)", w.o.Name, c.Name, known, causeType(err))
	}
}

// failpoint passes the point of a call: "supplier.<name>.<when>" where it buys, "supplier.<name>.<call>.<when>" where it settles.
func (w *Wire) failpoint(ctx context.Context, c Call, when string) error {
	switch {
	case w.o.Failpoint == nil:
		return nil
	case c.Buys:
		return w.o.Failpoint(ctx, "supplier."+w.o.Name+"."+when)
	case c.Settles:
		return w.o.Failpoint(ctx, "supplier."+w.o.Name+"."+c.Name+"."+when)
	}
	return nil
}

// DecodeJSON reads an answer's body. Its error tells the length and the offset, never the content.
func DecodeJSON(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if err == nil {
		return nil
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: answer of %d bytes is not JSON at byte %d", ErrUnknown, len(body), syntax.Offset)
	}
	return fmt.Errorf("%w: answer of %d bytes has another shape than expected", ErrUnknown, len(body))
}

func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, 3600)) * time.Second
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// causeType is the type of the innermost error, which tells an operator much and quotes nothing.
func causeType(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}
