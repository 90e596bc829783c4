-- claim_due: takes what is due for a while; work that is not acknowledged comes back by itself.
-- KEYS  1 due (zset)  2 leases (hash)  3 fence (string)
-- ARGV  1 offset ms  2 at most  3 lease ms
-- returns member, fence, member, fence, …
local bad = expect('zset', 'hash', 'string')
if bad then return bad end
local out = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', str(NOW), 'LIMIT', '0', ARGV[2])) do
  local fence = str(redis.call('INCR', KEYS[3]))
  redis.call('ZADD', KEYS[1], str(NOW + tonumber(ARGV[3])), member)
  redis.call('HSET', KEYS[2], member, fence)
  out[#out + 1] = member
  out[#out + 1] = fence
end
return out
