-- approval: opens the approval of a dangerous act, or takes one of its steps, once. Whoever is concerned hears of it.
-- KEYS  1 approval (hash)  2 approvals that have not ended (zset)  3 due news of approvals (zset)  4 their leases (hash)
--       5 events (stream)  6 seq (string)  7 events of order (list)  8 events of person (list)
-- ARGV  1 offset ms  2 id  3 states it may stand in, with commas ('' opens it)  4 state it gets  5 '<' only before its end, '>' only
--       after it, '' whenever  6 ms until its end ('' keeps it)  7 ms it is kept once it has ended ('' has not)  8 event
--       9.. field, value, …
-- returns {'ok'} | {'gone'} | {'edge', state} | {'late'} | {'early'}
local bad = expect('hash', 'zset', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local state = redis.call('HGET', KEYS[1], 'st')
if ARGV[3] == '' then
  if state then return { 'edge', state } end
else
  if not state then return { 'gone' } end
  if not string.find(',' .. ARGV[3] .. ',', ',' .. state .. ',', 1, true) then return { 'edge', state } end
  local till = tonumber(redis.call('HGET', KEYS[1], 'till'))
  if ARGV[5] == '<' and NOW >= till then return { 'late' } end
  if ARGV[5] == '>' and NOW < till then return { 'early' } end
end

emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[8])
redis.call('HSET', KEYS[1], 'st', ARGV[4])
for i = 9, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[6] ~= '' then
  local till = str(NOW + tonumber(ARGV[6]))
  redis.call('HSET', KEYS[1], 'at', str(NOW), 'till', till)
  redis.call('ZADD', KEYS[2], till, ARGV[2])
end
if ARGV[7] ~= '' then
  redis.call('ZREM', KEYS[2], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[7])
end
redis.call('ZADD', KEYS[3], str(NOW), ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
return { 'ok' }
