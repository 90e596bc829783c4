-- ack_due: work is done, or wants to come back later. A wake-up that came meanwhile has taken the lease away and stays.
-- KEYS  1 due (zset)  2 leases (hash)
-- ARGV  1 offset ms  2 member  3 fence  4 ms from now to come back ('' when done)
-- returns {'ok'} | {'fenced'}
local bad = expect('zset', 'hash')
if bad then return bad end
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return { 'fenced' } end
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[1], ARGV[2])
else
  redis.call('ZADD', KEYS[1], str(NOW + tonumber(ARGV[4])), ARGV[2])
end
redis.call('HDEL', KEYS[2], ARGV[2])
return { 'ok' }
