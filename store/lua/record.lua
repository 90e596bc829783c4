-- record: one event without another effect, or the switches of the shop with theirs.
-- KEYS  1 events (stream)  2 seq (string)  3 events of order (list)  4 events of person (list)  5 a switch (hash)
-- ARGV  1 offset ms  2 event  3 field ('' for none)  4 value ('' removes it)
-- returns {'ok'} | {'same'} the switch stands so already
local bad = expect('stream', 'string', 'list', 'list', 'hash')
if bad then return bad end
if ARGV[3] ~= '' and (redis.call('HGET', KEYS[5], ARGV[3]) or '') == ARGV[4] then return { 'same' } end
emit(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[2])
if ARGV[3] ~= '' then
  if ARGV[4] == '' then redis.call('HDEL', KEYS[5], ARGV[3]) else redis.call('HSET', KEYS[5], ARGV[3], ARGV[4]) end
end
return { 'ok' }
