-- arrange: changes what the shop says of its products, several fields at once. Each change has a number, by which other processes see
-- that they have to read anew.
-- KEYS  1 products (hash)  2 events (stream)  3 seq (string)  4 events of order (list)  5 events of person (list)
-- ARGV  1 offset ms  2 event  3 number of the change that was read last ('' for any)  4.. field, value, … ('' takes a field away)
-- returns {'ok'} | {'same'} it stands so already | {'stale'} somebody changed something meanwhile
local bad = expect('hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
if ARGV[3] ~= '' and (redis.call('HGET', KEYS[1], '#') or '0') ~= ARGV[3] then return { 'stale' } end
local new = false
for i = 4, #ARGV, 2 do
  if (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= ARGV[i + 1] then new = true end
end
if not new then return { 'same' } end

emit(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[2])
for i = 4, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i]) else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('HINCRBY', KEYS[1], '#', '1')
return { 'ok' }
