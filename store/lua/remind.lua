-- remind: the owner of cards is to hear something about their retention: it goes with the next notice of the order, which is due now, and
-- the retention looks again later.
-- KEYS  1 order (hash)  2 due retention (zset)  3 retention leases (hash)  4 due notices (zset)  5 notice leases (hash)
--       6 events (stream)  7 seq (string)  8 events of order (list)  9 events of person (list)
-- ARGV  1 offset ms  2 order id  3 fence  4 stage  5 ms until the retention looks again  6 event
-- returns {'ok'} | {'fenced'} | {'gone'}
local bad = expect('hash', 'zset', 'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id = ARGV[2]
if redis.call('HGET', KEYS[3], id) ~= ARGV[3] then return { 'fenced' } end
if redis.call('HEXISTS', KEYS[1], 'buyer') == 0 then return { 'gone' } end
emit(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[6])
redis.call('HSET', KEYS[1], 'rm.want', ARGV[4])
redis.call('ZADD', KEYS[4], str(NOW), id)
redis.call('HDEL', KEYS[5], id)
redis.call('ZADD', KEYS[2], str(NOW + tonumber(ARGV[5])), id)
redis.call('HDEL', KEYS[3], id)
return { 'ok' }
