-- claim_placement: takes one placement for a worker. A placement nobody has asked for yet is to be placed, and the intent
-- with its send-by time is stored here; any other is only to be resolved.
-- KEYS  1 order (hash)  2 due placements (zset)  3 fence (string)
--       4 events (stream)  5 seq (string)  6 events of order (list)  7 events of person (list)
--       8 placements of its kind without a supplier's id (zset)
-- ARGV  1 offset ms  2 order id  3 k  4 lease ms of a resolve  5 send-by span ms  6 event  7 '1' when asked by a person: now
-- returns {'place' | 'resolve', fence, now ms, field, value, …} | {'gone'} | {'done'} | {'leased'} | {'later'}
local bad = expect('hash', 'zset', 'string', 'stream', 'string', 'list', 'list', 'zset')
if bad then return bad end
local member, k = ARGV[2] .. '.' .. ARGV[3], ARGV[3]
local state = redis.call('HGET', KEYS[1], k .. '.st')
if not state then
  redis.call('ZREM', KEYS[2], member)
  return { 'gone' }
end
if state ~= 'ready' and state ~= 'placing' and state ~= 'in_doubt' and state ~= 'pending' then
  redis.call('ZREM', KEYS[2], member)
  return { 'done' }
end
local leased = tonumber(redis.call('HGET', KEYS[1], k .. '.until') or '0')
if leased > NOW then return { 'leased' } end
local due = redis.call('ZSCORE', KEYS[2], member)
if due and tonumber(due) > NOW and ARGV[7] ~= '1' then return { 'later' } end

local act, lease = 'resolve', tonumber(ARGV[4])
if state == 'ready' then
  act, lease = 'place', tonumber(ARGV[5]) + 5000
  emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[6])
  redis.call('HSET', KEYS[1], k .. '.st', 'placing', k .. '.by', str(NOW + tonumber(ARGV[5])), k .. '.sent', str(NOW))
end
local sent = redis.call('HGET', KEYS[1], k .. '.sent')
if sent and state ~= 'pending' and not redis.call('HGET', KEYS[1], k .. '.h') then
  redis.call('ZADD', KEYS[8], 'NX', sent, member)
end
local fence = str(redis.call('INCR', KEYS[3]))
redis.call('HSET', KEYS[1], k .. '.fence', fence, k .. '.until', str(NOW + lease))
redis.call('ZADD', KEYS[2], str(NOW + lease), member)
local out = { act, fence, str(NOW) }
for _, v in ipairs(redis.call('HGETALL', KEYS[1])) do out[#out + 1] = v end
return out
