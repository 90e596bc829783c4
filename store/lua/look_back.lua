-- look_back: has a placement that is about to be given up looked at again later; what turns up then is house stock.
-- KEYS  1 due look-backs (zset)
-- ARGV  1 offset ms  2 member  3 ms from now
-- returns {'ok'}
local bad = expect('zset')
if bad then return bad end
redis.call('ZADD', KEYS[1], 'NX', str(NOW + tonumber(ARGV[3])), ARGV[2])
return { 'ok' }
