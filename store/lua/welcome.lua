-- welcome: somebody who could not be written to is back: what waited for them is brought now. News of orders are named by the order, others
-- have a colon in their name.
-- KEYS  1 held notices of the person (hash)  2 due notices (zset)  3 notice leases (hash)  4 talk (hash)  5 due news (zset)
--       6 leases of news (hash)
-- ARGV  1 offset ms
-- returns {'ok', notices brought}
local bad = expect('hash', 'zset', 'hash', 'hash', 'zset', 'hash')
if bad then return bad end
local held = redis.call('HKEYS', KEYS[1])
for _, id in ipairs(held) do
  if string.find(id, ':', 1, true) then
    redis.call('ZADD', KEYS[5], str(NOW), id)
    redis.call('HDEL', KEYS[6], id)
  else
    redis.call('ZADD', KEYS[2], str(NOW), id)
    redis.call('HDEL', KEYS[3], id)
  end
end
redis.call('DEL', KEYS[1])
redis.call('HDEL', KEYS[4], 'w')
return { 'ok', str(#held) }
