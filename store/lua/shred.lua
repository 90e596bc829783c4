-- shred: destroys an order's sealed cards after their retention; the tombstone stays with the order. What lies in quarantine stays: nobody
-- has been shown it, and a person decides.
-- KEYS  1 order (hash)  2 vault (hash)  3 due retention (zset)  4 retention leases (hash)
--       5 events (stream)  6 seq (string)  7 events of order (list)  8 events of person (list)
-- ARGV  1 offset ms  2 order id  3 fence  4 event
-- returns {'ok'} | {'fenced'} | {'busy'} on a screen right now, or about to be | {'no'} nothing to destroy
--       | {'unopened'} nobody has seen them: never destroyed by themselves
local bad = expect('hash', 'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, state = ARGV[2], redis.call('HGET', KEYS[1], 'rv')
if redis.call('HGET', KEYS[4], id) ~= ARGV[3] then return { 'fenced' } end
local claimed = state == 'claimed' and tonumber(redis.call('HGET', KEYS[1], 'rv.until')) > NOW
if state == 'shown' or state == 'showing' or claimed then return { 'busy' } end
if (not state and not redis.call('HGET', KEYS[1], 'rv.first')) or state == 'shredded' then -- opened, then refunded: goes too
  redis.call('ZREM', KEYS[3], id)
  redis.call('HDEL', KEYS[4], id)
  return { 'no' }
end
if not redis.call('HGET', KEYS[1], 'rv.first') then return { 'unopened' } end
emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[4])
for _, index in ipairs(redis.call('HKEYS', KEYS[2])) do
  if string.sub(index, 1, 1) ~= 'q' then redis.call('HDEL', KEYS[2], index) end
end
redis.call('HSET', KEYS[1], 'rv', 'shredded', 'rv.shred', str(NOW))
redis.call('HDEL', KEYS[1], 'tok', 'tok.re', 'tok.old', 'tok.used', 'rv.mac', 'rv.slip', 'slip')
redis.call('ZREM', KEYS[3], id)
redis.call('HDEL', KEYS[4], id)
return { 'ok' }
