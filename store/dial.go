package store

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// sentinelScheme begins an address that names Sentinels and the master they watch.
const sentinelScheme = "redis+sentinel://"

// How one process talks to one server.
const (
	poolSize    = 64              // connections at most
	answerLimit = 3 * time.Second // a script and its write to the disk take far less
)

// dial understands redis://, rediss://, unix://, comma-separated addresses of a cluster, and Sentinels. roots are the authorities a
// server's certificate may come from; nil for the system's own. Its errors quote nothing of the address, which may hold a password.
func dial(address string, roots *x509.CertPool) (redis.UniversalClient, error) {
	switch {
	case strings.HasPrefix(address, sentinelScheme):
		o, err := sentinels(address)
		if err != nil {
			return nil, err
		}
		return redis.NewFailoverClient(o), nil
	case strings.Contains(address, ","):
		o, err := cluster(address, roots)
		if err != nil {
			return nil, err
		}
		return redis.NewClusterClient(o), nil
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("REDIS_URL: not an address; write redis://host:6379/0, rediss://… or unix:///path")
	}
	o.PoolSize, o.ReadTimeout, o.WriteTimeout = poolSize, answerLimit, answerLimit
	o.MaxRetries = -1 // a script may have run although its answer was lost; callers repeat by id
	if o.TLSConfig != nil {
		o.TLSConfig.RootCAs = roots
	}
	return redis.NewClient(o), nil
}

// cluster reads redis://host:port,redis://host:port; user, password and TLS are those of the first address.
func cluster(address string, roots *x509.CertPool) (*redis.ClusterOptions, error) {
	first, rest, _ := strings.Cut(address, ",")
	o, err := redis.ParseClusterURL(first)
	if err != nil {
		return nil, errors.New("REDIS_URL: first cluster address is not redis://host:port")
	}
	for more := range strings.SplitSeq(rest, ",") {
		a, err := redis.ParseURL(more)
		if err != nil || a.Network != "tcp" || (a.TLSConfig == nil) != (o.TLSConfig == nil) {
			return nil, errors.New("REDIS_URL: cluster addresses must each be redis://host:port, or each rediss://host:port")
		}
		o.Addrs = append(o.Addrs, a.Addr)
	}
	o.PoolSize, o.ReadTimeout, o.WriteTimeout = poolSize, answerLimit, answerLimit
	o.MaxRetries = -1
	if o.TLSConfig != nil {
		o.TLSConfig.RootCAs = roots
	}
	o.NewClient = func(n *redis.Options) *redis.Client {
		c := redis.NewClient(n)
		c.AddHook(once{})
		return c
	}
	return o, nil
}

// sentinels reads redis+sentinel://[user:password@]host:port,host:port/master[/db][?sentinel_auth=true]. User and password are those
// of the Redis; the last part says that the Sentinels ask for the same.
func sentinels(address string) (*redis.FailoverOptions, error) {
	wrong := errors.New("REDIS_URL: not an address; write redis+sentinel://host:26379,host:26379/master")
	hosts, path, found := strings.Cut(strings.TrimPrefix(address, sentinelScheme), "/")
	path, query, _ := strings.Cut(path, "?")
	master, db, _ := strings.Cut(path, "/")
	values, err := url.ParseQuery(query)
	if !found || master == "" || err != nil {
		return nil, wrong
	}
	o := &redis.FailoverOptions{MasterName: master, PoolSize: poolSize, ReadTimeout: answerLimit, WriteTimeout: answerLimit, MaxRetries: -1}
	if db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, wrong
		}
	}
	if at := strings.LastIndex(hosts, "@"); at >= 0 {
		u, err := url.Parse("redis://" + hosts[:at] + "@host")
		if err != nil {
			return nil, wrong
		}
		o.Username = u.User.Username()
		o.Password, _ = u.User.Password()
		hosts = hosts[at+1:]
	}
	for host := range strings.SplitSeq(hosts, ",") {
		if !strings.Contains(host, ":") {
			host += ":26379"
		}
		name, port, err := net.SplitHostPort(host)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || name == "" {
			return nil, wrong
		}
		o.SentinelAddrs = append(o.SentinelAddrs, host)
	}
	if values.Get("sentinel_auth") == "true" {
		o.SentinelUsername, o.SentinelPassword = o.Username, o.Password
	}
	return o, nil
}

// errLost is a command whose answer did not come: it may have run.
var errLost = errors.New("connection to redis ended before the answer")

// once keeps a cluster client from sending a command again that may have run: its redirects and repeats are one setting. What never
// left (no connection) and what a server refused (moved, loading) may be sent again.
type once struct{}

// DialHook changes nothing.
func (once) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook hides the loss of an answer from the client's repeats.
func (once) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if maySendAgain(err) {
			return err
		}
		return errLost
	}
}

// ProcessPipelineHook changes nothing: pipelines only read.
func (once) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// maySendAgain tells whether an error leaves no doubt that the command had no effect, or is none that a client repeats.
func maySendAgain(err error) bool {
	var answered redis.Error
	var network *net.OpError
	return err == nil || errors.As(err, &answered) || errors.Is(err, redis.ErrPoolTimeout) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &network) && network.Op == "dial"
}

// remarks lets go-redis speak through our log. Its texts hold addresses, never a password; what fails is returned as an error as well.
type remarks struct{ log *slog.Logger }

// Printf is one remark.
func (r remarks) Printf(ctx context.Context, format string, v ...any) {
	r.log.DebugContext(ctx, "redis client: "+fmt.Sprintf(format, v...))
}

// node is the server that holds the shop: in a cluster the primary of its hash tag. Questions about the server itself, its clock
// included, go there, not to any node.
func (s *Store) node(ctx context.Context) (*redis.Client, error) {
	switch c := s.rdb.(type) {
	case *redis.ClusterClient:
		return c.MasterForKey(ctx, s.keys.head())
	case *redis.Client:
		return c, nil
	default:
		return nil, errors.New("redis client is of no known kind")
	}
}
