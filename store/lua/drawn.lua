-- drawn: the reply of this version of the talk was sent: no redraw is needed, and this is the live message. A redraw that was asked for
-- meanwhile ('again' in the place of a lease) stays: what was sent may be older than what it is for.
-- KEYS  1 talk (hash)  2 due redraws (zset)  3 redraw leases (hash)
-- ARGV  1 offset ms  2 name of the talk  3 version  4 live message (0 keeps the former)
-- returns {'ok'} | {'stale'} a newer version waits for its own reply
local bad = expect('hash', 'zset', 'hash')
if bad then return bad end
if ARGV[4] ~= '0' then redis.call('HSET', KEYS[1], 'm', ARGV[4]) end
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[3] then return { 'stale' } end
if redis.call('HGET', KEYS[3], ARGV[2]) == 'again' then return { 'ok' } end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
return { 'ok' }
