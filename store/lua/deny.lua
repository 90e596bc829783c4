-- deny: an act that was not allowed. The first one of a kind is recorded; more of it within a while are counted, and the next one on
-- record tells how many they were: who hammers a button does not flood the record.
-- KEYS  1 denials of person (hash)  2 events (stream)  3 seq (string)  4 events of order (list)  5 events of person (list)
-- ARGV  1 offset ms  2 field of the kind  3 while in ms  4 event  5 event with @ for the count  6 ms after which the counts are cleaned up
-- returns {'recorded'} | {'counted'}
local bad = expect('hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local untold = tonumber(redis.call('HGET', KEYS[1], ARGV[2] .. '.n') or '0')
if tonumber(redis.call('HGET', KEYS[1], ARGV[2]) or '0') > NOW then
  redis.call('HSET', KEYS[1], ARGV[2] .. '.n', str(untold + 1))
  return { 'counted' }
end

emit(KEYS[2], KEYS[3], KEYS[4], KEYS[5], untold == 0 and ARGV[4] or (string.gsub(ARGV[5], '@', str(untold))))
redis.call('HSET', KEYS[1], ARGV[2], str(NOW + tonumber(ARGV[3])), ARGV[2] .. '.n', '0')
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return { 'recorded' }
