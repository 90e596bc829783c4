-- welcome: somebody who could not be written to is back: what waited for them is brought now.
-- KEYS  1 held notices of the person (hash)  2 due notices (zset)  3 notice leases (hash)  4 talk (hash)
-- ARGV  1 offset ms
-- returns {'ok', notices brought}
local bad = expect('hash', 'zset', 'hash', 'hash')
if bad then return bad end
local held = redis.call('HKEYS', KEYS[1])
for _, id in ipairs(held) do
  redis.call('ZADD', KEYS[2], str(NOW), id)
  redis.call('HDEL', KEYS[3], id)
end
redis.call('DEL', KEYS[1])
redis.call('HDEL', KEYS[4], 'w')
return { 'ok', str(#held) }
