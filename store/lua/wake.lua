-- wake: an order's unfinished placements are asked about now, and its notice is drawn.
-- KEYS  1 order (hash)  2 due placements (zset)  3 due notices (zset)  4 notice leases (hash)
--       5 events (stream)  6 seq (string)  7 events of order (list)  8 events of person (list)
-- ARGV  1 offset ms  2 order id  3 event
-- returns {'ok', placements woken} | {'gone'}
local bad = expect('hash', 'zset', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local n = tonumber(redis.call('HGET', KEYS[1], 'n') or '0')
if n == 0 then return { 'gone' } end
emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[3])
local woken = 0
for k = 1, n do
  local s = redis.call('HGET', KEYS[1], k .. '.st')
  if s == 'ready' or s == 'placing' or s == 'in_doubt' or s == 'pending' then
    redis.call('ZADD', KEYS[2], str(NOW), ARGV[2] .. '.' .. k)
    woken = woken + 1
  end
end
redis.call('ZADD', KEYS[3], str(NOW), ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
return { 'ok', str(woken) }
