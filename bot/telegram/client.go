package telegram

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
	"net/url"
	"path"
	"strings"
	"time"

	"cardrop/providers"
)

const (
	pollSeconds = 50 // the longest the official server holds a getUpdates
	pollLimit   = (pollSeconds + 15) * time.Second
	callLimit   = 20 * time.Second // the server may hold a call near a limit instead of refusing it
	maxAnswer   = 4 << 20          // bytes
	maxUpdates  = 32 << 20         // bytes of one batch
)

// ErrAddress is an address of a Bot API server that may not be used: https is required, http only on loopback or, when the
// operator says so, in a private network.
var ErrAddress = errors.New("address of the Bot API must be https (http on loopback, or in a private network with the insecure option)")

// wire is the HTTP side of the Bot API: it stands behind the library as its HTTP client. It sends replayable bodies with their
// length over kept connections, limits time and size, and returns errors that hold no address, token or body.
type wire struct {
	root      providers.Secret // base address, "/bot" and token
	client    *http.Client
	bodies    bodies
	failpoint func(ctx context.Context, name string) error
}

func newWire(root providers.Secret, failpoint func(context.Context, string) error) *wire {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   512,
		IdleConnTimeout:       50 * time.Second, // a connection the server closed meanwhile costs an unknown outcome
		ExpectContinueTimeout: time.Second,
	}
	return &wire{
		root:      root,
		failpoint: failpoint,
		client: &http.Client{
			Transport: transport,
			// A redirect would carry the token to another address.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// checkAddress returns the address without a trailing slash, or ErrAddress.
func checkAddress(address string, insecure bool) (string, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", ErrAddress
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && (near(u.Hostname(), false) || (insecure && near(u.Hostname(), true))):
	default:
		return "", ErrAddress
	}
	return u.String(), nil
}

// near tells whether a host is on loopback or, with private, in a private network. A name without a dot is one of a private
// network, as compose files use them.
func near(host string, private bool) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return private && (!strings.Contains(host, ".") || strings.HasSuffix(host, ".internal") || strings.HasSuffix(host, ".local"))
	}
	return ip.IsLoopback() || (private && ip.IsPrivate())
}

// Do carries out one request of the library. Its error is an *apiError for a refusal and a *wireError for a call without a
// usable answer.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	ctx, method := req.Context(), path.Base(req.URL.Path)
	if err := w.fail(ctx, method, "before"); err != nil {
		return nil, &wireError{method: method, cause: "failpoint", inner: err}
	}
	resp, err := w.exchange(req, method)
	if fail := w.fail(ctx, method, "after"); fail != nil {
		return nil, &wireError{method: method, sent: true, cause: "failpoint", inner: fail}
	}
	return resp, err
}

func (w *wire) fail(ctx context.Context, method, when string) error {
	if w.failpoint == nil {
		return nil
	}
	return w.failpoint(ctx, "telegram."+method+"."+when)
}

func (w *wire) exchange(req *http.Request, method string) (*http.Response, error) {
	p, err := w.bodies.fill(req.Body)
	if err != nil {
		return nil, &wireError{method: method, cause: causeType(err), inner: contextError(err)}
	}
	defer p.done()
	limit, size := callLimit, int64(maxAnswer)
	if method == "getUpdates" {
		limit, size = pollLimit, maxUpdates
	}
	ctx, cancel := context.WithTimeout(req.Context(), limit)
	defer cancel()
	out := req.Clone(ctx)
	out.ContentLength = p.size()
	if out.ContentLength == 0 {
		out.Body = http.NoBody
		out.Header.Del("Content-Type")
	} else {
		out.Body = p.reader()
		out.GetBody = func() (io.ReadCloser, error) { return p.reader(), nil }
	}
	resp, err := w.client.Do(out)
	if err != nil {
		return nil, w.broken(ctx, method, p, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, size+1))
	if err != nil {
		return nil, w.broken(ctx, method, p, err)
	}
	if int64(len(body)) > size {
		return nil, &wireError{method: method, sent: true, cause: fmt.Sprintf("answer over %d bytes", size)}
	}
	if err := judge(method, resp.StatusCode, resp.Header, body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (w *wire) broken(ctx context.Context, method string, p *payload, err error) error {
	return &wireError{method: method, sent: p.sent(), cause: causeType(err), inner: ctx.Err()}
}

// updatesAsked are the parameters of getUpdates.
type updatesAsked struct {
	Offset  int64    `json:"offset,omitempty"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"` // seconds
	Allowed []string `json:"allowed_updates"`
}

// updates calls getUpdates, which the library keeps to itself. Updates stay raw: one that cannot be read must not take the
// others of its batch with it.
func (w *wire) updates(ctx context.Context, asked updatesAsked) ([]json.RawMessage, error) {
	const method = "getUpdates"
	body, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", method, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.root.Expose()+"/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, &wireError{method: method, cause: "request cannot be made"}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var batch struct {
		Result []json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&batch); err != nil {
		return nil, &wireError{method: method, sent: true, cause: "batch cannot be read"}
	}
	return batch.Result, nil
}
