package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Redis is the shop's two clients of one Redis. They want opposite things when it is
// away: who publishes must not be held up, for the ledger has the delivery anyway; who
// acknowledges must try for long, or finished tasks run again.
type Redis struct {
	Publisher redis.UniversalClient
	Worker    redis.UniversalClient
}

// ErrEvicts is returned for a Redis that may drop tasks to make room.
var ErrEvicts = errors.New("redis must not evict: set maxmemory-policy to noeviction")

// OpenRedis connects to the Redis at a URL: redis://, rediss://, redis-socket:// and
// redis-sentinel:// as Asynq writes them, redis-cluster://host:port,host:port for a
// cluster.
func OpenRedis(ctx context.Context, redisURL string) (*Redis, error) {
	publisher, err := newClient(redisURL, func(o *redis.UniversalOptions) {
		o.MaxRetries = 1
		o.ContextTimeoutEnabled = true
		o.DialTimeout = publishTimeout
	})
	if err != nil {
		return nil, err
	}
	worker, err := newClient(redisURL, func(o *redis.UniversalOptions) {
		o.MaxRetries = 25
		o.MaxRetryBackoff = time.Second
	})
	if err != nil {
		return nil, errors.Join(err, publisher.Close())
	}
	worker.AddHook(greeting{})
	r := &Redis{Publisher: publisher, Worker: worker}
	if err := refuseEviction(ctx, publisher); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close closes both clients.
func (r *Redis) Close() error { return errors.Join(r.Publisher.Close(), r.Worker.Close()) }

func newClient(redisURL string, adjust func(*redis.UniversalOptions)) (redis.UniversalClient, error) {
	options, err := parseRedisURL(redisURL)
	if err != nil {
		return nil, err
	}
	adjust(options)
	return redis.NewUniversalClient(options), nil
}

// CheckRedisURL reports what is wrong with a Redis URL, without connecting.
func CheckRedisURL(redisURL string) error {
	_, err := parseRedisURL(redisURL)
	return err
}

func parseRedisURL(redisURL string) (*redis.UniversalOptions, error) {
	if strings.HasPrefix(redisURL, "redis-cluster://") {
		return parseClusterURL(redisURL)
	}
	parsed, err := asynq.ParseRedisURI(redisURL)
	if err != nil {
		return nil, errors.New("not a Redis URL (redis://, rediss://, redis-socket://, redis-sentinel:// or redis-cluster://)")
	}
	switch o := parsed.(type) {
	case asynq.RedisClientOpt:
		return &redis.UniversalOptions{ // go-redis tells a socket by its leading slash
			Addrs: []string{o.Addr}, Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig,
		}, nil
	case asynq.RedisFailoverClientOpt:
		return &redis.UniversalOptions{
			MasterName: o.MasterName, Addrs: o.SentinelAddrs, SentinelPassword: o.SentinelPassword,
			Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig,
		}, nil
	}
	return nil, fmt.Errorf("unknown kind of Redis URL: %T", parsed)
}

func parseClusterURL(redisURL string) (*redis.UniversalOptions, error) {
	u, err := url.Parse(redisURL)
	if err != nil || u.Host == "" {
		return nil, errors.New("not a Redis cluster URL (redis-cluster://[user:password@]host:port[,host:port…][?tls=true])")
	}
	options := &redis.UniversalOptions{Addrs: strings.Split(u.Host, ","), IsClusterMode: true, Username: u.User.Username()}
	options.Password, _ = u.User.Password()
	if secure, err := strconv.ParseBool(u.Query().Get("tls")); err == nil && secure {
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return options, nil
}

// refuseEviction fails with ErrEvicts. A Redis that is away, or forbids CONFIG, is
// given the benefit of the doubt: the reconciler also repairs what was evicted.
func refuseEviction(ctx context.Context, client redis.UniversalClient) error {
	settings, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	if policy := settings["maxmemory-policy"]; policy != "" && policy != "noeviction" {
		return fmt.Errorf("%w (it is %s)", ErrEvicts, policy)
	}
	return nil
}
