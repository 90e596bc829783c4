-- removed: a shown message is gone (or can never be reached again): the cards are sealed again while showings are left.
-- KEYS  1 order (hash)  2 due sweeps (zset)  3 sweep leases (hash)
--       4 events (stream)  5 seq (string)  6 events of order (list)  7 events of person (list)  8 due notices (zset)
--       9 notice leases (hash)
-- ARGV  1 offset ms  2 order id  3 fence of the sweep  4 showings allowed  5 event removed  6 event of a delivery nobody confirmed
-- returns {'ok'} | {'fenced'} | {'early'} the time was moved | {'no'} nothing was shown
local bad = expect('hash', 'zset', 'hash', 'stream', 'string', 'list', 'list', 'zset', 'hash')
if bad then return bad end
local id = ARGV[2]
if redis.call('HGET', KEYS[3], id) ~= ARGV[3] then return { 'fenced' } end
local state = redis.call('HGET', KEYS[1], 'rv')
if state ~= 'shown' and state ~= 'showing' then
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
  return { 'no' }
end
if tonumber(redis.call('HGET', KEYS[1], 'rv.del')) > NOW then return { 'early' } end

emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[5])
if state == 'showing' then emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[6]) end
local left = tonumber(redis.call('HGET', KEYS[1], 'rv.n') or '0') < tonumber(ARGV[4]) + tonumber(redis.call('HGET', KEYS[1], 'rv.more') or '0')
left = left and not handed(KEYS[1]) -- what somebody else opened is not shown to who handed it over
redis.call('HSET', KEYS[1], 'rv', left and 'sealed' or 'removed', 'rv.gone', str(NOW))
redis.call('HDEL', KEYS[1], 'rv.rc')
redis.call('ZREM', KEYS[2], id)
redis.call('HDEL', KEYS[3], id)
redis.call('ZADD', KEYS[8], str(NOW), id)
redis.call('HDEL', KEYS[9], id)
return { 'ok' }
